// The global of this name is a call at each use.
import { Buffer } from 'node:buffer';

/**
 * A value at rest. A short one is a string, one character for each byte: that takes 100 bytes and 20
 * more, where an array of 100 bytes takes 300 more. A long one is an array of its own, outside the heap.
 */
export type Kept = string | Uint8Array;

const longestStringBytes = 1024;

/** A copy of `value`, which shares no memory with the frame that it came in. */
export function keep(value: Uint8Array): Kept {
  if (value.length > longestStringBytes) return new Uint8Array(value);
  return bufferOf(value).toString('latin1');
}

/** The bytes of what was kept; an array is not copied. */
export function bytesOf(kept: Kept): Uint8Array {
  return typeof kept === 'string' ? Buffer.from(kept, 'latin1') : kept;
}

export function isSame(kept: Kept, other: Kept): boolean {
  if (typeof kept === 'string' && typeof other === 'string') return kept === other;
  return bufferOf(bytesOf(kept)).equals(bytesOf(other));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
