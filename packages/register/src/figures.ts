import { type Context, type Counter, type Gauge } from '@jbstore/core';

/** The live figures of a register component. */
export class Figures {
  readonly reads: Counter;
  readonly writes: Counter;
  /** Phases that had to ask others. */
  readonly rounds: Counter;
  /** Reads that found a majority in agreement. */
  readonly oneRoundReads: Counter;
  readonly imposedReads: Counter;
  /** Messages sent again. */
  readonly retransmissions: Counter;
  /** Replies that did not count: late, doubled, or of a process outside the group. */
  readonly strayReplies: Counter;
  /** Reads and writes of processes that were not admitted, which got no answer. */
  readonly outsiders: Counter;
  /** Operations on their way. */
  readonly running: Gauge;
  /** Registers of which this process has a copy. */
  readonly held: Gauge;

  constructor(context: Context) {
    this.reads = context.counter('register.operations', { operation: 'read' });
    this.writes = context.counter('register.operations', { operation: 'write' });
    this.rounds = context.counter('register.rounds');
    this.oneRoundReads = context.counter('register.oneRoundReads');
    this.imposedReads = context.counter('register.imposedReads');
    this.retransmissions = context.counter('register.retransmissions');
    this.strayReplies = context.counter('register.strayReplies');
    this.outsiders = context.counter('register.outsiders');
    this.running = context.gauge('register.running');
    this.held = context.gauge('register.held');
  }
}
