/** A key or a value: bytes, or a string, which stands for its bytes in UTF-8. */
export type Bytes = string | Uint8Array;

export function bytesOf(text: Bytes): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
