import { invariant } from '@jbstore/core';

import { Accepted } from './accepted';
import { FlatRecords } from './flat-records';
import { emptyRecord, type RegisterRecord } from './record';
import { absentTag, noBallot, type Ballot, type Tag } from './tag';

/** Below these nothing is known of a register that has no record. */
export interface Floors {
  readonly generationFloor: number;
  readonly versionFloor: number;
}

/** All that an acceptor held of a slot at one moment, which does not change any more. */
export interface Holdings extends Floors {
  readonly accepted: FlatRecords;
  /** True if what is not among {@link accepted} was nowhere when the epoch began. */
  readonly synced: boolean;
}

/**
 * The acceptor of one slot in one epoch: rules A1 to A4 of the protocol. What it promises and accepts is never
 * taken back; another epoch has another acceptor.
 *
 * What is promised for a register, `promised(k) = max(prom[k], acc[k].T.B, floor)`, is kept apart only where it
 * is more than the other two say.
 */
export class Acceptor {
  readonly #accepted = new FlatRecords();
  readonly #promises = new Map<string, Ballot>();
  #floor = noBallot;
  #highest = noBallot;
  #synced: boolean;
  #absent = new Accepted(absentTag.ballot, absentTag.count, emptyRecord(0, 0));
  #generationFloor = 0;
  #versionFloor = 0;
  #grant: { readonly ballot: Ballot; readonly holdings: Holdings } | undefined;

  /** @param synced - true in the first epoch of all, in which there is nothing to be had from others */
  constructor(synced: boolean) {
    this.#synced = synced;
  }

  /** What is promised for every register of the slot. */
  get floor(): Ballot {
    return this.#floor;
  }

  /** No ballot was heard of in this epoch that is higher: one above it was never used. */
  get highest(): Ballot {
    return this.#highest;
  }

  get synced(): boolean {
    return this.#synced;
  }

  get generationFloor(): number {
    return this.#generationFloor;
  }

  get versionFloor(): number {
    return this.#versionFloor;
  }

  /** What was accepted in this epoch, by register. */
  get accepted(): FlatRecords {
    return this.#accepted;
  }

  promised(register: string): Ballot {
    const accepted = this.#accepted.ballotOf(register);
    return Math.max(this.#promisedApart(register), accepted, this.#floor);
  }

  /** Mostly there are none, and to look for one costs more than the rest. */
  #promisedApart(register: string): Ballot {
    if (this.#promises.size === 0) return noBallot;
    return this.#promises.get(register) ?? noBallot;
  }

  /** A1: takes part in `ballot`, and in no lower one; false if a higher one was promised. */
  promise(register: string, ballot: Ballot): boolean {
    if (ballot < this.promised(register)) return false;
    this.heed(register, ballot);
    return true;
  }

  /** The record accepted in this epoch; "absent" of who is synced; undefined of who cannot tell (NONE). */
  vote(register: string): Accepted | undefined {
    return this.#accepted.get(register) ?? this.#unheld;
  }

  /** The tag of that vote. */
  tagOfVote(register: string): Tag | undefined {
    return this.#accepted.tagOf(register) ?? this.#unheld;
  }

  /** The vote for what was not accepted. */
  get #unheld(): Accepted | undefined {
    return this.#synced ? this.#absent : undefined;
  }

  /**
   * A2: accepts `record` unless a higher ballot was promised; then it returns false. Else this record is held, or a
   * later one of the same ballot: one of another ballot would mean a higher promise.
   */
  accept(register: string, ballot: Ballot, count: number, record: RegisterRecord): boolean {
    if (ballot < this.promised(register)) return false;
    if (this.#promises.size > 0) this.#promises.delete(register);
    this.#highest = Math.max(this.#highest, ballot);
    const held = this.#accepted.tagOf(register);
    if (held?.ballot === ballot && held.count >= count) return true;
    this.#accepted.set(register, new Accepted(ballot, count, record));
    return true;
  }

  /** A4: somebody has promised `ballot` for `register`. To promise more is always safe. */
  heed(register: string, ballot: Ballot): void {
    if (ballot <= this.promised(register)) return;
    this.#promises.set(register, ballot);
    this.#highest = Math.max(this.#highest, ballot);
  }

  /** A4, for the whole slot. */
  heedFloor(ballot: Ballot): void {
    this.#floor = Math.max(this.#floor, ballot);
    this.#highest = Math.max(this.#highest, ballot);
  }

  /**
   * Promises `ballot` for every register of the slot, if it is higher than all that was promised; undefined if it
   * is not. Asked again, it answers as it did the first time, since what it accepts later is no vote of this ballot.
   */
  grantSlot(ballot: Ballot): Holdings | undefined {
    if (ballot > this.#highest) {
      this.heedFloor(ballot);
      this.#grant = { ballot, holdings: this.holdings() };
    }
    return this.#grant?.ballot === ballot && ballot === this.#floor
      ? this.#grant.holdings
      : undefined;
  }

  /** A copy of all that is held now. */
  holdings(): Holdings {
    return { ...this.seal(), accepted: this.#accepted.copy() };
  }

  /** All that is held, at the end of the epoch: nothing is accepted any more. */
  seal(): Holdings {
    return {
      accepted: this.#accepted,
      synced: this.#synced,
      generationFloor: this.#generationFloor,
      versionFloor: this.#versionFloor,
    };
  }

  /** The highest ballot promised for a register of which there is no record; {@link noBallot} if none is. */
  get highestOpenPromise(): Ballot {
    let highest = noBallot;
    for (const [register, ballot] of this.#promises) {
      if (ballot > this.#floor && !this.#accepted.has(register)) {
        highest = Math.max(highest, ballot);
      }
    }
    return highest;
  }

  /** From now on what this acceptor has no record of is absent, and what it was lies below these floors. */
  becomeSynced({ generationFloor, versionFloor }: Floors): void {
    invariant(this.highestOpenPromise === noBallot, 'who is synced has promised nothing it lacks');
    this.#synced = true;
    this.#generationFloor = Math.max(this.#generationFloor, generationFloor);
    this.#versionFloor = Math.max(this.#versionFloor, versionFloor);
    const nothing = emptyRecord(this.#generationFloor, this.#versionFloor);
    this.#absent = new Accepted(absentTag.ballot, absentTag.count, nothing);
  }
}
