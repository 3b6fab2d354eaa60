// The global of this name is a call at each use.
import { Buffer } from 'node:buffer';

import { InvalidArgumentError } from './errors';

/** A key or a value: bytes, or a string, which stands for its bytes in UTF-8. */
export type Bytes = string | Uint8Array;

/** @throws {@link InvalidArgumentError} if `text`, which `name` names, is neither */
export function bytesOf(name: 'key' | 'value', text: Bytes): Uint8Array {
  if (typeof text === 'string') return Buffer.from(text, 'utf8');
  if (text instanceof Uint8Array) return text;
  throw new InvalidArgumentError(`a ${name} is a string or a Uint8Array, not ${typeof text}`);
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
