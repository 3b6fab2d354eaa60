import { Component, Start, invariant, type Context, type Counter, type Gauge } from '@jbstore/core';
import { Network, type Address } from '@jbstore/network/port';
import { CancelTimeout, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { HeartbeatReply, HeartbeatRequest, longestNewsBytes } from './messages';
import {
  EventuallyPerfectFailureDetector,
  Follow,
  Restore,
  Suspect,
  Tell,
  Told,
  Unfollow,
} from './port';

/** The time is up in which `process` should have answered. */
class RoundOver extends Timeout {
  constructor(readonly process: Address) {
    super();
  }
}

export const IncreasingTimeoutInit = z.object({
  /** How long a process has for its first answer. */
  initialDelayMs: z.number().positive().default(500),
  /** Δ: how much longer it has after each suspicion that was wrong. */
  deltaMs: z.number().positive().default(250),
});
export type IncreasingTimeoutInit = z.input<typeof IncreasingTimeoutInit>;

/** Longer delays are no mistake, but somebody should know of them. */
const remarkableDelayMs = 10_000;

/** What is known of a process that is followed. */
interface Followed {
  heard: boolean;
  suspected: boolean;
  delayMs: number;
  /** Of the newest request that was sent to it. */
  sequence: number;
  round: RoundOver;
  /** What it told last, by topic. */
  readonly news: Map<string, Uint8Array>;
}

/**
 * Implements ◇P by Increasing Timeout (Cachin, Guerraoui, Rodrigues 2011, Algorithm 2.7).
 *
 * Asks every followed process for a heartbeat once a round; one which did not answer by the end of the
 * round is suspected. If a suspected process answers, the round was too short, and is longer from then
 * on, without a bound: a bound would give up EPFD2.
 *
 * Departs from the book:
 * - Π is what the clients follow, and changes.
 * - Each process has rounds and a delay of its own, so that a slow one does not slow the detection of
 *   the others. The argument stays the same, process by process.
 * - Requests are numbered. An answer counts if it is to the newest request, or if its process is
 *   suspected: a slow answer to an older one proves that the delay was too short.
 * - A round that ends late by half its delay or more accuses nobody: this process itself stood still,
 *   and answers may wait to be handled.
 * - Heartbeats carry the news of their sender.
 *
 * Uses perfect links (heartbeats in the priority lane) and a timer. Sends two messages a round for each
 * followed process; keeps a constant amount of state for each.
 */
export class IncreasingTimeout extends Component {
  readonly epfd = this.provides(EventuallyPerfectFailureDetector);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof IncreasingTimeoutInit>;
  readonly #context: Context;
  readonly #followed = new Map<Address, Followed>();
  #news: Readonly<Record<string, Uint8Array>> = {};
  readonly #suspicions: Counter;
  readonly #restores: Counter;
  readonly #suspected: Gauge;

  /** @throws {@link z.ZodError} if `init` is not what its schema says. */
  constructor(context: Context, init: IncreasingTimeoutInit = {}) {
    super(context);
    this.#init = IncreasingTimeoutInit.parse(init);
    this.#context = context;
    this.#suspicions = context.counter('epfd.suspicions');
    this.#restores = context.counter('epfd.restores');
    this.#suspected = context.gauge('epfd.suspected');

    this.control.upon(Start, () => {
      // After a rest: the timer has forgotten every round, and nobody could be heard.
      for (const [process, followed] of this.#followed) {
        followed.heard = true;
        this.#startRound(process, followed);
      }
    });

    this.epfd.upon(Follow, ({ process }) => {
      if (this.#followed.has(process)) return;
      const followed = this.#newcomer(process);
      this.#followed.set(process, followed);
      this.#startRound(process, followed);
    });

    this.timer.upon(RoundOver, (round) => {
      const { process } = round;
      const followed = this.#followed.get(process);
      if (followed?.round !== round) return; // A shared timer: it is someone else's, or is unfollowed.

      this.#judge(process, followed, round.lateMs);
      followed.heard = false;
      followed.sequence += 1;
      const beat = { sequence: followed.sequence, news: this.#news };
      this.network.next(new HeartbeatRequest(process, beat, { lane: 'priority' }));
      this.#startRound(process, followed);
    });

    this.network.upon(HeartbeatRequest, ({ source, sequence, news }) => {
      const beat = { sequence, news: this.#news };
      this.network.next(new HeartbeatReply(source, beat, { lane: 'priority' }));
      this.#learn(source, news);
    });

    this.network.upon(HeartbeatReply, ({ source, sequence, news }) => {
      const followed = this.#followed.get(source);
      if (!followed) return;
      this.#learn(source, news);
      if (sequence === followed.sequence || followed.suspected) followed.heard = true;
    });

    this.epfd.upon(Unfollow, ({ process }) => {
      const followed = this.#followed.get(process);
      if (!followed) return;
      this.#followed.delete(process);
      this.timer.next(new CancelTimeout(followed.round));
      if (followed.suspected) this.#clear(process);
    });

    this.epfd.upon(Tell, ({ topic, news }) => {
      invariant(news.length <= longestNewsBytes, 'what rides on heartbeats is short');
      this.#news = { ...this.#news, [topic]: news };
    });
  }

  /** Counts as heard: it has not been asked yet. */
  #newcomer(process: Address): Followed {
    return {
      heard: true,
      suspected: false,
      delayMs: this.#init.initialDelayMs,
      sequence: 0,
      round: new RoundOver(process),
      news: new Map(),
    };
  }

  #startRound(process: Address, followed: Followed): void {
    followed.round = new RoundOver(process);
    this.timer.next(new ScheduleTimeout(followed.delayMs, followed.round));
  }

  #judge(process: Address, followed: Followed, lateMs: number): void {
    const { heard, suspected, delayMs } = followed;
    if (heard && suspected) this.#restore(process, followed);
    else if (!heard && !suspected && lateMs < delayMs / 2) this.#suspect(process, followed);
    invariant(!(heard && followed.suspected), 'a process is heard or suspected, never both');
  }

  #suspect(process: Address, followed: Followed): void {
    followed.suspected = true;
    this.#suspicions.add();
    this.#suspected.add();
    this.epfd.next(new Suspect(process));
  }

  #restore(process: Address, followed: Followed): void {
    const wasRemarkable = followed.delayMs > remarkableDelayMs;
    followed.delayMs += this.#init.deltaMs;
    followed.suspected = false;
    this.#restores.add();
    this.#clear(process);
    if (wasRemarkable || followed.delayMs <= remarkableDelayMs) return;
    this.#context.log.warn('a crash of this process will be noticed late: it often was too slow', {
      process,
      delayMs: followed.delayMs,
    });
  }

  #clear(process: Address): void {
    this.#suspected.add(-1);
    invariant(this.#suspected.value >= 0, 'only who was suspected is restored');
    this.epfd.next(new Restore(process));
  }

  #learn(process: Address, news: Readonly<Record<string, Uint8Array>>): void {
    const known = this.#followed.get(process)?.news;
    if (!known) return;
    for (const [topic, told] of Object.entries(news)) {
      const last = known.get(topic);
      if (last && Buffer.compare(last, told) === 0) continue;
      const kept = Uint8Array.from(told); // What was received lies in the midst of a whole frame.
      known.set(topic, kept);
      this.epfd.next(new Told(process, topic, kept));
    }
  }
}
