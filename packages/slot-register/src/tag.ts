/**
 * A ballot within one epoch of a slot: the pair (round, index of the proposer) as one whole number, so that
 * ballots are compared whole and no two members ever have the same. Indices begin at 1.
 */
export type Ballot = number;

const indices = 65_536;

/** Less than every ballot: what an acceptor has promised at first. */
export const noBallot: Ballot = 0;

export function ballotOf(round: number, index: number): Ballot {
  return round * indices + index;
}

/** B0: the lowest ballot of an epoch, which its lead has without asking. */
export function firstBallotOf(lead: number): Ballot {
  return ballotOf(0, lead);
}

export function roundOf(ballot: Ballot): number {
  return Math.floor(ballot / indices);
}

/** The index of the member whose ballot it is. */
export function proposerOf(ballot: Ballot): number {
  return ballot % indices;
}

/**
 * Which record of a register, within one epoch: the ballot of its proposer, and the records that this one
 * made with that ballot, counted. The base, with which a ballot begins, has the count 0.
 */
export interface Tag {
  readonly ballot: Ballot;
  readonly count: number;
  /** The epoch, where records of several are compared: of what survived a loss. */
  readonly epoch?: number | undefined;
}

/** The tag of a register that has no record in this epoch; less than every other. */
export const absentTag: Tag = { ballot: noBallot, count: 0 };

export function isSameTag(one: Tag, other: Tag): boolean {
  return (
    one.ballot === other.ballot && one.count === other.count && epochIn(one) === epochIn(other)
  );
}

/** True if `one` is greater than `other`; tags are compared whole. */
export function isHigher(one: Tag, other: Tag): boolean {
  if (epochIn(one) !== epochIn(other)) return epochIn(one) > epochIn(other);
  return one.ballot > other.ballot || (one.ballot === other.ballot && one.count > other.count);
}

/** Tags without an epoch are of one and the same. */
function epochIn({ epoch = 0 }: Tag): number {
  return epoch;
}
