import { Linked, LinkedList, NumberMap, invariant, type RequiredPort } from '@jbstore/core';
import { type Address, type Message, type Network } from '@jbstore/network/port';
import { including, includes, nobodyYet, sizeOf, type MemberSet } from '@jbstore/register/port';
import { Beat, Timeout, type BeatOwner } from '@jbstore/timer/port';

import { type Figures } from './figures';
import { type Slot } from './slot';

/**
 * One exchange of a member with others, about one register: it asks each of them, and again if they do not answer,
 * until the phase is left.
 */
export abstract class Phase extends Linked<Phase> {
  /** By which replies name it; 0 before it is entered. */
  number = 0;
  /** The sweep at which it is repeated next, and how often it was. */
  dueSweep = 0;
  repetitions = 0;
  /** Which of the members have answered, each once; this process is not asked. */
  heard: MemberSet = nobodyYet;

  /** Who is asked: the group, unless told otherwise. */
  readonly members: readonly Address[];
  /** Those that are asked at first; all if undefined. */
  askedFirst: MemberSet | undefined;

  constructor(
    readonly slot: Slot,
    readonly register: string,
    members?: readonly Address[],
  ) {
    super();
    this.members = members ?? slot.seat.group.members;
    const own = members ? members.indexOf(slot.self) : slot.seat.ownRank;
    if (own >= 0) this.heard = including(nobodyYet, own);
  }

  /** What `member` is asked. */
  abstract questionTo(member: Address): Message;

  /** A member has promised a higher ballot; the phase was left. */
  abstract refused(): void;

  /** It was not answered in time. It is repeated, unless this says that something else was done. */
  repeats(): boolean {
    return true;
  }

  /**
   * Notes that `source` has answered, and returns its rank; undefined if that does not count: it is none of the
   * members, or has answered before.
   */
  hear(source: Address): number | undefined {
    const { group } = this.slot.seat;
    const isOfGroup = this.members === group.members;
    const rank = isOfGroup ? group.rankOf(source) : this.members.indexOf(source);
    if (rank === undefined || rank < 0 || includes(this.heard, rank)) return undefined;
    this.heard = including(this.heard, rank);
    return rank;
  }

  get isHeardByAsked(): boolean {
    const { askedFirst, heard } = this;
    return askedFirst !== undefined && sizeOf(askedFirst & heard) === sizeOf(askedFirst);
  }

  get isHeardByAll(): boolean {
    return sizeOf(this.heard) === this.members.length;
  }

  get isHeardByMajority(): boolean {
    return this.slot.seat.group.isMajority(this.heard);
  }
}

/** What of their component phases need. */
interface PhasesOwner extends BeatOwner {
  readonly network: RequiredPort<typeof Network>;
}

interface PhasesInit {
  /** The numbers of phases begin behind it: drawn by chance, so that no reply to a former life counts. */
  readonly first: number;
  readonly sweepMs: number;
  /** How many sweeps a phase waits for answers before it is repeated: first, then twice as many, up to this. */
  readonly patience: number;
  readonly longestPatience: number;
}

class Sweep extends Timeout {}

/** The phases that this process runs, and what pauses between two of them. */
export class Phases {
  readonly #network: RequiredPort<typeof Network>;
  readonly #init: PhasesInit;
  readonly #figures: Figures;
  readonly #running = new NumberMap<Phase>();
  /** The same, in the order in which they were entered. */
  readonly #entered = new LinkedList<Phase>();
  #pauses: { readonly dueSweep: number; readonly resume: () => void }[] = [];
  readonly #beat: Beat;
  #last: number;
  #sweeps = 0;

  constructor(owner: PhasesOwner, init: PhasesInit, figures: Figures) {
    this.#network = owner.network;
    this.#init = init;
    this.#figures = figures;
    this.#last = init.first;
    this.#beat = new Beat(
      owner,
      Sweep,
      init.sweepMs,
      () => this.#running.size > 0 || this.#pauses.length > 0,
      () => {
        this.#pass();
      },
    );
  }

  /** Begins `phase`: asks all others. */
  enter(phase: Phase): void {
    invariant(phase.number === 0, 'a phase is entered once');
    this.#last += 1;
    phase.number = this.#last;
    phase.dueSweep = this.#sweeps + this.#init.patience + 1;
    this.#running.set(phase.number, phase);
    this.#entered.add(phase);
    this.#figures.phases.value = this.#running.size;
    this.#figures.rounds.add();
    this.#ask(phase);
    this.#beat.wake();
  }

  /** Asks the others as well. */
  widen(phase: Phase): void {
    const { askedFirst } = phase;
    if (askedFirst === undefined) return;
    phase.askedFirst = undefined;
    this.#ask(phase, askedFirst);
  }

  /** Replies to this phase are strays from now on. */
  leave(number: number): void {
    const phase = this.#running.get(number);
    if (!phase) return;
    this.#running.delete(number);
    this.#entered.remove(phase);
    this.#figures.phases.value = this.#running.size;
  }

  leaveAllOf(slot: Slot): void {
    for (const { slot: other, number } of this.#entered.all()) {
      if (other === slot) this.leave(number);
    }
  }

  find(number: number): Phase | undefined {
    return this.#running.get(number);
  }

  /** Has `resume` called after so many sweeps. */
  pause(sweeps: number, resume: () => void): void {
    this.#pauses.push({ dueSweep: this.#sweeps + sweeps + 1, resume });
    this.#beat.wake();
  }

  #pass(): void {
    const { patience, longestPatience } = this.#init;
    this.#sweeps += 1;
    const over = this.#pauses.filter(({ dueSweep }) => dueSweep <= this.#sweeps);
    if (over.length > 0) {
      this.#pauses = this.#pauses.filter(({ dueSweep }) => dueSweep > this.#sweeps);
      for (const { resume } of over) resume();
    }
    for (const phase of this.#due()) {
      if (this.#running.get(phase.number) !== phase || !phase.repeats()) continue;
      phase.repetitions += 1;
      phase.dueSweep = this.#sweeps + Math.min(patience * 2 ** phase.repetitions, longestPatience);
      this.#figures.retransmissions.add();
      phase.askedFirst = undefined;
      this.#ask(phase);
    }
  }

  #due(): readonly Phase[] {
    const due: Phase[] = [];
    for (let phase = this.#entered.first; phase; phase = phase.after) {
      if (phase.dueSweep <= this.#sweeps) due.push(phase);
      // What follows one that is too young is younger still.
      else if (phase.repetitions === 0) break;
    }
    return due;
  }

  /** Asks those that have not answered, but for those in `except`. */
  #ask(phase: Phase, except = nobodyYet): void {
    const { members, askedFirst } = phase;
    for (let rank = 0; rank < members.length; rank += 1) {
      const member = members[rank];
      if (member === undefined || includes(phase.heard, rank) || includes(except, rank)) continue;
      if (askedFirst !== undefined && !includes(askedFirst, rank)) continue;
      this.#network.next(phase.questionTo(member));
    }
  }
}
