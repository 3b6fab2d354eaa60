import { Queue, Start, type Random, type RequiredPort } from '@jbstore/core';
import type { Address, Network } from '@jbstore/network/port';
import { OpenReply, OpenRequest } from '@jbstore/store/port';
import { Deadlines, SchedulePeriodicTimeout, Timeout, type BeatOwner } from '@jbstore/timer/port';

import type { Call } from './call';
import type { Calls } from './calls';
import { servingIn } from './members';
import { Lost, Reached, ViewLearned, type Cluster } from './port';
import { Sessions } from './sessions';

/** How exactly sessions know their age: they last for many of these. */
const minuteMs = 60_000;

class MinuteOver extends Timeout {}

/** The front end, as far as {@link Ticketing} needs it. */
interface TicketingOwner extends BeatOwner {
  readonly cluster: RequiredPort<typeof Cluster>;
  readonly network: RequiredPort<typeof Network>;
}

/** What {@link Ticketing} needs. */
export interface TicketingInit {
  readonly owner: TicketingOwner;
  readonly calls: Calls;
  /** Of this the sessions are made: two front ends must not draw the same. */
  readonly random: Random;
  /** How long to wait for members to open sessions before they are asked again. */
  readonly askMs: number;
}

/**
 * Gives tickets to the calls of one front end, in sessions that members open. Calls that find no lane
 * wait for others on their key.
 *
 * Each member is asked once it is reached, and the furthest clock counts: so it matters little if one is wrong.
 */
export class Ticketing {
  readonly #network: RequiredPort<typeof Network>;
  readonly #calls: Calls;
  readonly #askMs: number;
  readonly #sessions: Sessions;
  readonly #waiting = new Map<string, Queue<Call>>();
  readonly #reached = new Set<Address>();
  /** Those that may open sessions; none if the registers know of none. */
  #members: readonly Address[] = [];
  #askAgainMs = 0;
  /** Sessions grow old while nothing is asked for, too, when the time of calls stands still. */
  readonly #age = new Deadlines<never>(minuteMs);

  constructor({ owner, calls, random, askMs }: TicketingInit) {
    const { control, cluster, network, timer } = owner;
    this.#network = network;
    this.#calls = calls;
    this.#askMs = askMs;
    this.#sessions = new Sessions(() => Buffer.from(random.hex(12), 'hex').toString('latin1'));

    control.upon(Start, () => {
      timer.next(new SchedulePeriodicTimeout(minuteMs, new MinuteOver()));
    });

    timer.upon(MinuteOver, ({ lateMs }) => {
      this.#age.tick(minuteMs, lateMs);
    });

    cluster.upon(ViewLearned, ({ view }) => {
      this.#members = view.register === 'exactly-once' ? servingIn(view) : [];
    });

    cluster.upon(Reached, ({ process }) => {
      if (this.#reached.has(process) || !this.#members.includes(process)) return;
      this.#reached.add(process);
      this.#network.next(new OpenRequest(process, {}));
    });

    cluster.upon(Lost, ({ process }) => {
      this.#reached.delete(process);
    });

    network.upon(OpenReply, ({ generation, lifetimeMs }) => {
      this.#sessions.open(generation, lifetimeMs, this.#age.nowMs);
    });
  }

  /** Gives `call`, a mutation, a ticket. Where it waits, {@link next} says when it goes on. */
  give(call: Call): 'given' | 'no session' | 'waits' {
    // In place of the key: that of another key is another one, but for a chance that nobody has ever seen.
    const key = call.position;
    const ticket = this.#sessions.take(key, this.#age.nowMs);
    if (ticket === 'no session') {
      this.#askAll();
      return ticket;
    }
    if (ticket !== 'busy') {
      call.ticket = ticket;
      return 'given';
    }
    const waiting = this.#waiting.get(key) ?? new Queue();
    this.#waiting.set(key, waiting);
    waiting.push(call);
    return 'waits';
  }

  /** A register has answered `call`. */
  answered({ ticket }: Call): void {
    if (ticket) this.#sessions.answered(ticket);
  }

  /** Nobody awaits the answer to `call` any more. Has no effect if it was answered. */
  giveUp({ ticket, wasSent }: Call): void {
    if (!ticket) return;
    if (wasSent) this.#sessions.giveUp(ticket);
    else this.#sessions.unused(ticket);
  }

  /** The session of `call` was too old for its register, which has forgotten what was before `floor`. */
  expire({ ticket }: Call, floor: number): void {
    if (ticket) this.#sessions.expire(ticket, floor, this.#age.nowMs);
  }

  /** The call that waited longest for `call`, which has come to its end. */
  next({ ticket }: Call): Call | undefined {
    const waiting = ticket && this.#waiting.get(ticket.key);
    if (!ticket || !waiting) return undefined;
    let call = waiting.shift();
    while (call && !this.#calls.has(call)) call = waiting.shift();
    if (waiting.length === 0) this.#waiting.delete(ticket.key);
    return call;
  }

  #askAll(): void {
    const { nowMs } = this.#calls;
    if (nowMs < this.#askAgainMs) return;
    this.#askAgainMs = nowMs + this.#askMs;
    for (const member of this.#members) this.#network.next(new OpenRequest(member, {}));
  }
}
