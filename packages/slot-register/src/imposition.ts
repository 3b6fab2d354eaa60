import { type Address, type Message } from '@jbstore/network/port';
import { including, nobodyYet, type MemberSet } from '@jbstore/register/port';

import { AcceptMessage, packedValue } from './messages';
import { Phase } from './phases';
import { type RegisterRecord } from './record';
import { type Slot } from './slot';
import { type Ballot, type Tag } from './tag';

/** Who wants records to be accepted by a majority; `purpose` is what for. */
export interface Imposer<Purpose> {
  /** A majority holds the record, or a later one of its ballot, which descends from it. */
  chosen(imposition: Imposition<Purpose>): void;
  /** Some member has promised a higher ballot. */
  refused(imposition: Imposition<Purpose>): void;
}

/**
 * A majority is to accept a record, which this process holds already: one that it proposes, or one that a read
 * has found.
 */
export class Imposition<Purpose = unknown> extends Phase implements Tag {
  #holders: MemberSet;
  /** Packed once for all members. */
  #value: Uint8Array | null | undefined;

  constructor(
    slot: Slot,
    register: string,
    readonly ballot: Ballot,
    readonly count: number,
    readonly record: RegisterRecord,
    readonly imposer: Imposer<Purpose>,
    readonly purpose: Purpose,
  ) {
    super(slot, register);
    this.#holders = including(nobodyYet, slot.seat.ownRank);
  }

  override questionTo(member: Address): Message {
    const { number: phase, register, ballot, count, record } = this;
    const { version, generationFloor, results } = record;
    const { epoch } = this.slot.seat;
    const value = (this.#value ??= packedValue(record));
    return new AcceptMessage(member, {
      phase,
      epoch,
      register,
      ballot,
      count,
      value,
      version,
      generationFloor,
      results,
    });
  }

  /** The member `rank` holds the record, or a later one of its ballot. */
  hold(rank: number): void {
    this.heard = including(this.heard, rank);
    this.#holders = including(this.#holders, rank);
  }

  get isChosen(): boolean {
    return this.slot.seat.group.isMajority(this.#holders);
  }

  conclude(): void {
    this.imposer.chosen(this);
  }

  override refused(): void {
    this.imposer.refused(this);
  }
}
