import { hash } from 'node:crypto';

/**
 * Where a key lies on the ring [0, 2^128): the first 128 bits of its SHA-256, as 16 characters of one
 * byte each, so that the order of strings is the order of positions.
 */
export function positionOf(key: Uint8Array): string {
  return hash('sha256', key, 'binary').slice(0, 16);
}

/** The ring is cut into at most so many slots: two characters tell in which one a position lies. */
export const mostSlots = 2 ** 16;

/** In which of the `slotCount` slots `position` lies, the first is 0: the top bits of the position. */
export function slotAt(slotCount: number, position: string): number {
  return ((position.charCodeAt(0) * 256 + position.charCodeAt(1)) * slotCount) >>> 16;
}

/** The first position of the slot. */
export function startOfSlot(slotCount: number, slot: number): string {
  const top = (slot * mostSlots) / slotCount;
  return String.fromCharCode(top >>> 8, top & 255).padEnd(16, '\0');
}
