import { type Address, type Message } from '@jbstore/network/port';
import { includes, including, nobodyYet, type MemberSet } from '@jbstore/register/port';

import { Accepted } from './accepted';
import { ReadMessage } from './messages';
import { Phase } from './phases';
import { emptyRecord, type RegisterRecord } from './record';
import { type Slot } from './slot';
import { absentTag, isHigher, isSameTag, type Tag } from './tag';

/** What comes with a vote that is no news. */
const nothing = emptyRecord(0, 0);

/** Who wants to know what a group votes for. */
interface Consulter<Purpose> {
  /** Another member has said what it votes for. */
  learned(consultation: Consultation<Purpose>): void;
  /** A majority was heard, and what it said decides nothing; the others take too long. */
  undecided(consultation: Consultation<Purpose>): void;
}

/**
 * R1: what do the members of a group vote for? The only round of most reads. At first no more are asked than it takes:
 * the others only if those cannot tell, or take too long.
 */
export class Consultation<Purpose = unknown> extends Phase {
  /** The tag that this member votes for: only a record with a higher one is news. */
  readonly #above: Tag;
  /** The vote with the highest tag; undefined while nobody could tell. */
  #highest: Accepted | undefined;
  /** Who votes for that tag. */
  #holders: MemberSet = nobodyYet;

  constructor(
    slot: Slot,
    register: string,
    readonly consulter: Consulter<Purpose>,
    readonly purpose: Purpose,
    askedFirst: MemberSet | undefined,
  ) {
    super(slot, register);
    const own = slot.acceptor.vote(register);
    this.#above = own ?? absentTag;
    if (own) {
      this.learn(slot.seat.ownRank, own, own.record);
      this.askedFirst = askedFirst;
    }
  }

  override questionTo(member: Address): Message {
    const { number: phase, register } = this;
    const { ballot, count } = this.#above;
    return new ReadMessage(member, { phase, epoch: this.slot.seat.epoch, register, ballot, count });
  }

  /** Nobody refuses to say what it votes for. */
  override refused(): void {
    return undefined;
  }

  override repeats(): boolean {
    if (!this.isHeardByMajority) return true;
    this.consulter.undecided(this);
    return false;
  }

  /** The member `rank` votes for `tag`. Its record comes with it if it is news. */
  learn(rank: number, tag: Tag, record = nothing): void {
    if (!this.#highest || isHigher(tag, this.#highest)) {
      this.#highest = new Accepted(tag.ballot, tag.count, record);
      this.#holders = nobodyYet;
    }
    if (isSameTag(tag, this.#highest)) this.#holders = including(this.#holders, rank);
  }

  /** Whoever consults may go on, now that one more was heard. */
  consider(): void {
    this.consulter.learned(this);
  }

  /** R2: the record on whose tag a majority agrees. */
  get agreed(): RegisterRecord | undefined {
    return this.slot.seat.group.isMajority(this.#holders) ? this.#highest?.record : undefined;
  }

  /** R3: the record with the highest tag that a majority of the group knew, if any was accepted in this epoch. */
  get highest(): Accepted | undefined {
    if (!this.isHeardByMajority || !this.#highest) return undefined;
    return isSameTag(this.#highest, absentTag) ? undefined : this.#highest;
  }

  isHeldBy(rank: number): boolean {
    return includes(this.#holders, rank);
  }
}
