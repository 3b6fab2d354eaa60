import { z } from 'zod';

/** An attempt of one proposer, in the order of rounds. No two attempts have the same ballot. */
export const Ballot = z.object({
  round: z.int().positive(),
  /** The place of the proposer among the acceptors, so that no two of them have the same ballot. */
  rank: z.int().nonnegative(),
  /** Drawn at the start of the proposer, so that it does not take up a ballot of a former life. */
  boot: z.int().nonnegative(),
});
export type Ballot = z.output<typeof Ballot>;

/** Negative if `one` is lower, 0 if both are the same. */
export function compareBallots(one: Ballot, other: Ballot): number {
  return one.round - other.round || one.rank - other.rank || one.boot - other.boot;
}
