// The global of this name is a call at each use.
import { Buffer } from 'node:buffer';

import { positionOf } from '@jbstore/gms/port';

import { keyLimitBytes } from './limits';

/** A position is a string of so many bytes. */
export const positionBytes = 16;

/**
 * Where names are put together. As two strings joined, or one cut from another, a name would cost a copy
 * when it is first looked up, and keep its parts in memory as long as its register.
 */
const assembled = Buffer.alloc(positionBytes + keyLimitBytes);

/** The register of `key`: its position, 16 bytes, then the key; so names sort by position. */
export function registerName(key: Uint8Array, position = positionOf(key)): string {
  assembled.write(position, 0, positionBytes, 'latin1');
  assembled.set(key, positionBytes);
  return assembled.toString('latin1', 0, positionBytes + key.length);
}

/** The key of the register `name`. */
export function keyOf(name: string): Uint8Array {
  return Buffer.from(name.slice(positionBytes), 'latin1');
}
