import { type Context, type Counter, type Gauge } from '@jbstore/core';

/** The live figures of a slot register. */
export class Figures {
  readonly reads: Counter;
  readonly mutates: Counter;
  /** Votes that were told to those who read from outside. */
  readonly glances: Counter;
  /** Phases that had to ask others. */
  readonly rounds: Counter;
  /** Records proposed: each answers all that waited for it. */
  readonly proposals: Counter;
  /** Ballots prepared: by a member that does not lead the slot, or that was overtaken. */
  readonly takeovers: Counter;
  /** Registers whose first record of an epoch was asked for. */
  readonly merges: Counter;
  /** Rounds that a higher ballot has ended. */
  readonly refusedRounds: Counter;
  /** Reads that found a majority in agreement. */
  readonly oneRoundReads: Counter;
  readonly imposedReads: Counter;
  /** Reads for which a record had to be settled. */
  readonly settledReads: Counter;
  /** Phases that were repeated. */
  readonly retransmissions: Counter;
  /** Replies that did not count: late, doubled, or of a process outside the group. */
  readonly strayReplies: Counter;
  /** Questions that were not answered: of another epoch, or of a process outside the group. */
  readonly outsiders: Counter;
  /** Slots of which this process has got all that earlier epochs chose. */
  readonly synced: Counter;
  /** Slots whose tombstones were found to be worth another epoch. */
  readonly refreshes: Counter;
  /** Records without a value, in all slots of this process, when it looked last. */
  readonly tombstones: Gauge;
  /** Phases that run. */
  readonly phases: Gauge;

  constructor(context: Context) {
    this.reads = context.counter('slots.operations', { operation: 'read' });
    this.mutates = context.counter('slots.operations', { operation: 'mutate' });
    this.glances = context.counter('slots.operations', { operation: 'glance' });
    this.rounds = context.counter('slots.rounds');
    this.proposals = context.counter('slots.proposals');
    this.takeovers = context.counter('slots.takeovers');
    this.merges = context.counter('slots.merges');
    this.refusedRounds = context.counter('slots.refusedRounds');
    this.oneRoundReads = context.counter('slots.oneRoundReads');
    this.imposedReads = context.counter('slots.imposedReads');
    this.settledReads = context.counter('slots.settledReads');
    this.retransmissions = context.counter('slots.retransmissions');
    this.strayReplies = context.counter('slots.strayReplies');
    this.outsiders = context.counter('slots.outsiders');
    this.synced = context.counter('slots.synced');
    this.refreshes = context.counter('slots.refreshes');
    this.tombstones = context.gauge('slots.tombstones');
    this.phases = context.gauge('slots.phases');
  }
}
