import { type Address } from '@jbstore/network/port';

import { type Gathered, type Gathering } from './gathering';
import { type Former } from './former';
import { type Pruning } from './pruning';
import { type Seat } from './slot';
import { type Stream } from './stream';
import { firstBallotOf, noBallot, type Ballot } from './tag';

/**
 * How far the synchronisation of a slot has come at one member.
 *
 * - `resting`: it is another's turn, or a pause.
 * - `asking`: the slots of this process were asked for something.
 * - `gathering`: pages are on their way, of what others vote for or held before.
 * - `streaming`: all records are on their way to the members.
 * - `done`: all members are synced, or the epoch is over.
 */
export type Step =
  | { readonly kind: 'resting'; readonly untilTick: number }
  | { readonly kind: 'asking' }
  | {
      readonly kind: 'gathering';
      readonly what: 'votes' | 'formers';
      readonly gathering: Gathering;
    }
  | { readonly kind: 'streaming'; readonly stream: Stream }
  | { readonly kind: 'done' };

/** The synchronisation of one slot in one epoch, at a member of its group. */
export class Transfer {
  step: Step = { kind: 'resting', untilTick: 0 };
  /** The number under which its questions are answered; 0 if there are none. */
  phase = 0;
  /** The ballot with which it is done: the lead's first one, unless that was given up. */
  ballot: Ballot;
  /** What a majority votes for, once that is known, where the ballot is not the first. */
  votes: Gathered | undefined;
  /** The members that are known to be synced. */
  readonly synced = new Set<Address>();
  /** The tick at which something came forward the last time, and how often in a row it did not. */
  progressTick = 0;
  failures = 0;

  constructor(
    readonly slot: number,
    readonly seat: Seat,
    /** What this process held in the epoch before; as long as that is needed. */
    public former: Former | undefined,
    readonly pruning: Pruning,
  ) {
    const isLead = seat.leadRank === seat.ownRank;
    this.ballot = isLead ? firstBallotOf(seat.leadIndex) : noBallot;
  }

  get usesFirstBallot(): boolean {
    return this.ballot === firstBallotOf(this.seat.leadIndex);
  }
}
