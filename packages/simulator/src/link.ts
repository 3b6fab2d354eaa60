import type { Lane as MessageLane } from '@jbstore/network/port';

import { bitsOf, drawn } from './chance';
import type { Latency, MessageRates } from './plan';

/** One arrival of a message. */
export interface Copy {
  readonly atMs: number;
  /** Only `in order` keeps what the port promises. */
  readonly kind: 'in order' | 'overtaken' | 'doubled' | 'replayed';
}

/** The draws about one message, each with a number of its own. */
const draws = {
  loss: 0,
  latency: 1,
  straggling: 2,
  straggle: 3,
  reordering: 4,
  reorder: 5,
} as const;
const furtherDraws = { duplication: 6, double: 7, replay: 8, replayed: 9 } as const;

/** Apart in time, so that the later one comes later. */
const apartMs = 1e-6;

/** What lies on the way from one place to another, whichever processes are there. */
export class Condition {
  /** How many cuts: those that lose what is sent, and those that keep it. */
  losing = 0;
  keeping = 0;
  /** How many that hold back heartbeats alone. */
  silencing = 0;
  /** What is sent goes out then. */
  cloggedUntilMs = 0;
  extraMs = 0;

  get cut(): boolean {
    return this.losing > 0 || this.keeping > 0;
  }
}

/** One direction between two processes. */
export class Link {
  readonly #key: number;
  readonly #latency: Latency;
  readonly #lastMs: Record<MessageLane, number> = { normal: 0, priority: 0 };
  #messages = 0;

  /** @param name - tells the link from all others; its chance follows from it */
  constructor(
    seed: string,
    name: string,
    latency: Latency,
    readonly condition: Condition,
  ) {
    this.#key = bitsOf(`${seed} ${name}`);
    this.#latency = latency;
  }

  /**
   * The arrivals of the next message; none if it is lost.
   * @param repeatable - it may be doubled and replayed
   */
  next(
    nowMs: number,
    lane: MessageLane,
    rates: MessageRates,
    repeatable: boolean,
  ): readonly Copy[] {
    const number = (this.#messages += 1);
    const draw = (which: number): number => drawn(this.#key, number, which);
    if (draw(draws.loss) < rates.loss) return [];
    const { cloggedUntilMs, extraMs } = this.condition;
    const atMs = Math.max(nowMs, cloggedUntilMs) + this.#takesMs(draw) + extraMs;
    const copies: Copy[] = [];
    if (draw(draws.reordering) < rates.reordering) {
      copies.push({ atMs: atMs + draw(draws.reorder) * rates.reorderingMs, kind: 'overtaken' });
    } else {
      copies.push({ atMs: this.#inOrder(atMs, lane), kind: 'in order' });
    }
    if (repeatable) this.#repeat(atMs, rates, draw, copies);
    return copies;
  }

  /**
   * When the next message arrives on a link that keeps its promises. None straggles: as all that follows waits behind it,
   * many messages would be as late as the latest for ever, and no request with a shorter timeout be performed.
   */
  arrivalMs(nowMs: number, lane: MessageLane): number {
    const number = (this.#messages += 1);
    return this.#inOrder(nowMs + this.#usualMs(drawn(this.#key, number, draws.latency)), lane);
  }

  #repeat(atMs: number, rates: MessageRates, draw: Draw, copies: Copy[]): void {
    const { duplication, double, replay, replayed } = furtherDraws;
    if (draw(duplication) < rates.duplication) {
      copies.push({ atMs: atMs + draw(double) * 2 * this.#latency.mostMs, kind: 'doubled' });
    }
    if (draw(replay) < rates.replay) {
      copies.push({ atMs: atMs + draw(replayed) * rates.replayMs, kind: 'replayed' });
    }
  }

  #takesMs(draw: Draw): number {
    const { stragglers, stragglerMs } = this.#latency;
    const usualMs = this.#usualMs(draw(draws.latency));
    if (draw(draws.straggling) >= stragglers) return usualMs;
    return usualMs + draw(draws.straggle) * stragglerMs;
  }

  #usualMs(share: number): number {
    const { leastMs, mostMs } = this.#latency;
    return leastMs + share * (mostMs - leastMs);
  }

  #inOrder(atMs: number, lane: MessageLane): number {
    return (this.#lastMs[lane] = Math.max(atMs, this.#lastMs[lane] + apartMs));
  }
}

type Draw = (which: number) => number;
