import { hash } from 'node:crypto';

/**
 * Where a key lies on the ring [0, 2^128): the first 128 bits of its SHA-256, as 16 characters of one
 * byte each, so that the order of strings is the order of positions.
 */
export function positionOf(key: Uint8Array): string {
  return hash('sha256', key, 'binary').slice(0, 16);
}

/** In which of `count` ranges of equal length `position` lies: the first is 0. */
export function rangeIndexOf(count: number, position: string): number {
  const top =
    position.charCodeAt(0) * 2 ** 24 +
    (position.charCodeAt(1) << 16) +
    (position.charCodeAt(2) << 8) +
    position.charCodeAt(3);
  return Math.floor((top * count) / 2 ** 32);
}

/**
 * The first position of range `index` of `count`, as 32 hexadecimal digits. Ranges are cut by the top
 * 32 bits, the least that {@link rangeIndexOf} puts there: ⌈index · 2^32 / count⌉.
 */
export function rangeStartOf(index: number, count: number): string {
  const top = Math.ceil((index * 2 ** 32) / count);
  return top.toString(16).padStart(8, '0') + '0'.repeat(24);
}

/** The position that 32 hexadecimal digits name. */
export function positionOfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}
