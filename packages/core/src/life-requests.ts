import type { LifeState } from './life';
import { Queue } from './queue';

/** What is started and stopped: the root of a tree. */
interface Life {
  readonly state: LifeState;
  start(): void;
  stop(): void;
}

interface LifeRequest {
  readonly goal: 'started' | 'stopped';
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Starts and stops that were asked for: each is done when those before it are. */
export class LifeRequests {
  readonly #life: Life;
  readonly #waiting = new Queue<LifeRequest>();
  #current: LifeRequest | undefined;
  #ended: Error | undefined;

  constructor(life: Life) {
    this.#life = life;
  }

  get pending(): boolean {
    return this.#current !== undefined;
  }

  /** Resolves when `goal` has been reached. */
  ask(goal: 'started' | 'stopped'): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#waiting.push({ goal, resolve, reject });
      if (!this.#current) this.#goOn();
    });
  }

  /** To be called whenever the tree has come to rest. */
  settle(): void {
    if (this.#life.state !== this.#current?.goal) return;
    this.#current.resolve();
    this.#goOn();
  }

  /** No request will be done any more. */
  reject(error: Error): void {
    this.#ended ??= error;
    this.#current?.reject(error);
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next.reject(error);
    this.#current = undefined;
  }

  #goOn(): void {
    this.#current = this.#waiting.shift();
    if (!this.#current) return;
    if (this.#current.goal === 'started') this.#life.start();
    else this.#life.stop();
    // Where it was there already, nothing else will say so.
    this.settle();
  }
}
