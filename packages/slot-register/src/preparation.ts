import { type Address, type Message } from '@jbstore/network/port';

import { Accepted } from './accepted';
import { type Agenda } from './agenda';
import { PrepareMessage } from './messages';
import { Phase } from './phases';
import { emptyRecord } from './record';
import { type Slot } from './slot';
import { isHigher, noBallot, type Ballot } from './tag';

/** Who takes over a register. */
interface Preparer {
  /** Some member has promised a higher ballot. */
  overtaken(preparation: Preparation): void;
}

/** The first round of a takeover: a majority is to promise a ballot, and to say what it has accepted. */
export class Preparation extends Phase {
  /** The vote with the highest tag. */
  #base: Accepted | undefined;

  constructor(
    slot: Slot,
    readonly agenda: Agenda,
    readonly ballot: Ballot,
    readonly preparer: Preparer,
  ) {
    super(slot, agenda.register);
    this.count(slot.acceptor.vote(agenda.register));
  }

  override questionTo(member: Address): Message {
    const { number: phase, register, ballot } = this;
    return new PrepareMessage(member, { phase, epoch: this.slot.seat.epoch, register, ballot });
  }

  override refused(): void {
    this.preparer.overtaken(this);
  }

  /** A member, which was heard, has promised. It has no vote if it cannot tell (NONE). */
  count(vote: Accepted | undefined): void {
    if (!vote) return;
    if (!this.#base || isHigher(vote, this.#base)) this.#base = vote;
    else if (vote.ballot === noBallot && this.#base.ballot === noBallot) {
      this.#base = nothing(vote, this.#base);
    }
  }

  /** The record to build on, once a majority was heard; undefined if none of them can tell (NONE). */
  get base(): Accepted | undefined {
    return this.#base;
  }
}

/** Two members say that there is nothing: so there is nothing, and the floors of both hold. */
function nothing({ record: one }: Accepted, { record: other, ballot, count }: Accepted): Accepted {
  const generationFloor = Math.max(one.generationFloor, other.generationFloor);
  const versionFloor = Math.max(one.version, other.version);
  return new Accepted(ballot, count, emptyRecord(generationFloor, versionFloor));
}
