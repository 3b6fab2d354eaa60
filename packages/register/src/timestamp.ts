import { invariant } from '@jbstore/core';

/**
 * The timestamp of a write: the pair (counter, rank of the writer in the group) as one whole number,
 * counter × 32 + rank. So timestamps are compared whole, because there is no other way to compare
 * them; and no two writers ever make the same.
 */
const ranks = 32;

/** The largest group: its ranks fit in a timestamp, and its members in the bits of a set. */
export const largestGroup = ranks;

/** The timestamp of a register that nobody wrote; less than that of any write. */
export const neverWritten = 0;

/** No timestamp is greater. */
export const highestTimestamp = Number.MAX_SAFE_INTEGER;

/** The least timestamp of the writer with this rank that is greater than `timestamp` in its counter. */
export function timestampAfter(timestamp: number, rank: number): number {
  const next = (Math.floor(timestamp / ranks) + 1) * ranks + rank;
  invariant(next > timestamp && next <= highestTimestamp, 'there is always a higher timestamp');
  return next;
}
