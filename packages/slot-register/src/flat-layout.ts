import { epochOf, eraOf } from '@jbstore/gms/port';

// An entry of the table: its numbers, and behind them the name of the register, its results and its value. Entries
// begin at whole units of eight bytes, so that the numbers are read and written through typed arrays.

/** The places of the numbers of eight bytes, from the beginning of an entry, in units. */
export const ballotUnit = 0;
export const countUnit = 1;
export const versionUnit = 2;
/** The places of those of four bytes, from the beginning of an entry. */
export const unitsWord = 6;
export const epochWord = 7;
export const floorWord = 8;
/** The length of the name, and above it the upper bits of the epoch: its era. */
export const nameWord = 9;
export const resultsWord = 10;
export const valueWord = 11;
export const headUnits = 6;

const eraShift = 16;
export const lengthMask = 0xffff;

/** In place of the length of a value: there is none, or it is kept apart. */
export const noValue = 0xffffffff;
export const apartValue = 0xfffffffe;

const fewestUnits = 64;
/** A full table becomes larger by this, so that little of it lies idle. */
const growth = 1.25;

/** In units: how large the table becomes that must hold so many. */
export function roomFor(units: number): number {
  return Math.max(fewestUnits, Math.ceil(units * growth));
}

/** In one word: the length of a name, and the era of an epoch. */
export function nameWordOf(length: number, epoch: number): number {
  return (eraOf(epoch) << eraShift) | length;
}

/** The epoch of which the era lies in the one word, and the number is the other. */
export function epochFrom(word: number, number: number): number {
  return epochOf({ era: word >>> eraShift, number });
}
