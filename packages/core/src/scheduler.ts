import type { Host } from './host';
import { Queue } from './queue';

/** A component with events to handle. */
export interface Runnable {
  /**
   * Handles at most `most` events, and returns how many it did. If there are more, it adds itself to
   * the scheduler anew. Never throws.
   */
  run(most: number): number;
}

/** How long the components may keep the event loop. */
export interface Fairness {
  /** The most events that a component handles in its turn. Default 64. */
  readonly batchEvents: number;
  /** The most events before input, output and timers have their turn. Default 100 000. */
  readonly sliceEvents: number;
  /** The longest time before input, output and timers have their turn. Default 2 ms. */
  readonly sliceMs: number;
}

export const defaultFairness: Fairness = { batchEvents: 64, sliceEvents: 100_000, sliceMs: 2 };

/** A clock costs as much as an event, so it is read once in so many. */
const eventsPerClockReading = 256;

/** Runs the components that have events, in turn, a batch each; first ready, first run. */
export class Scheduler {
  readonly #ready = new Queue<Runnable>();
  readonly #host: Host;
  readonly #fairness: Fairness;
  #awake = false;

  constructor(host: Host, fairness: Fairness = defaultFairness) {
    this.#host = host;
    this.#fairness = fairness;
  }

  /** Called once by a component that had nothing to do and has now. */
  add(component: Runnable): void {
    this.#ready.push(component);
    if (this.#awake) return;
    this.#awake = true;
    this.#host.soon(this.#slice);
  }

  readonly #slice = (): void => {
    const { batchEvents, sliceEvents, sliceMs } = this.#fairness;
    const endMs = this.#host.now() + sliceMs;
    let handled = 0;
    let untilReading = eventsPerClockReading;
    for (let component = this.#ready.shift(); component; component = this.#ready.shift()) {
      const events = component.run(Math.min(batchEvents, sliceEvents - handled));
      handled += events;
      untilReading -= events + 1;
      if (handled >= sliceEvents) break;
      if (untilReading > 0) continue;
      if (this.#host.now() >= endMs) break;
      untilReading = eventsPerClockReading;
    }
    if (this.#ready.length > 0) this.#host.afterIo(this.#slice);
    else this.#awake = false;
  };
}
