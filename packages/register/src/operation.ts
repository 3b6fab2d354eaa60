import { invariant } from '@jbstore/core';

import { type Group, type MemberSet, including, includes, nobodyYet, sizeOf } from './group';
import { type Kept } from './kept';
import { type Read, type Write } from './port';
import { neverWritten } from './timestamp';

/** One read or write on its way. */
export class Operation {
  /** `consult`: ask a majority what it holds. `impose`: have a majority hold {@link timestamp}. */
  phase: 'consult' | 'impose' = 'consult';
  /** The number of the running phase; 0 before the first. */
  phaseNumber = 0;
  /** Consulting: the highest timestamp found so far. Imposing: the timestamp imposed. */
  timestamp = neverWritten;
  /** The value of {@link timestamp}; not known while a write consults. */
  value: Kept | undefined;
  /** Values of this timestamp or less are not wanted: this process has them, or needs none. */
  above = neverWritten;
  /** Who has answered the running phase. */
  answered: MemberSet = nobodyYet;
  /** Who is known to hold {@link timestamp}, or a later one. */
  holders: MemberSet = nobodyYet;
  /** The sweep at which the running phase is repeated next, and how often it was repeated. */
  dueSweep = 0;
  repetitions = 0;
  /** What follows when a majority was consulted. */
  consulted: ((operation: Operation) => void) | undefined;

  constructor(
    readonly request: Read | Write,
    readonly group: Group,
  ) {}

  /** How many members have not answered the running phase. */
  get unanswered(): number {
    return this.group.members.length - sizeOf(this.answered);
  }

  hasAnswerOf(rank: number): boolean {
    return includes(this.answered, rank);
  }

  /** The member `rank` holds `timestamp`, with `value`. */
  learn(rank: number, timestamp: number, value: Kept | undefined): void {
    invariant(this.phase === 'consult', 'values are counted by the phase that asked for them');
    this.answered = including(this.answered, rank);
    if (timestamp > this.timestamp) {
      this.timestamp = timestamp;
      this.value = value;
      this.holders = nobodyYet;
    }
    if (timestamp === this.timestamp) this.holders = including(this.holders, rank);
  }

  /** From now on `timestamp` is to be imposed. Who is known to hold it has answered already. */
  impose(timestamp: number, value: Kept): void {
    invariant(timestamp >= this.timestamp, 'what is imposed is not older than what was found');
    if (timestamp > this.timestamp) this.holders = nobodyYet;
    this.phase = 'impose';
    this.timestamp = timestamp;
    this.value = value;
    this.answered = this.holders;
  }

  /** The member `rank` holds what is imposed, or something later. */
  acknowledge(rank: number): void {
    invariant(this.phase === 'impose', 'acknowledgements are counted by the phase that imposes');
    this.answered = including(this.answered, rank);
    this.holders = this.answered;
  }

  /** A majority has answered the running phase. */
  get isAnswered(): boolean {
    return this.group.isMajority(this.answered);
  }

  /** A majority holds what was found or imposed: it cannot be missed by any later operation. */
  get isHeld(): boolean {
    return this.group.isMajority(this.holders);
  }
}
