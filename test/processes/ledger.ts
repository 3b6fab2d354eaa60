import type { Store } from '@jbstore/client';

import { eventually } from './jbstore';

/** How many counters all writers share. */
const counters = 8;

/**
 * Writers that prove that each request is performed exactly once. Each, again and again, increments a counter that all
 * share, enters the sum that it was told in a ledger under a key of its own, and reads both back.
 *
 * So in the end a counter is as many as the increments that were acknowledged; no two of them were told the same sum; and
 * every entry is there.
 */
export class Ledger {
  readonly errors: string[] = [];
  readonly violations: string[] = [];
  readonly #store: Store;
  readonly #writers: number;
  /** The sums that were told, of each counter. */
  readonly #sums = Array.from({ length: counters }, () => new Set<number>());
  readonly #entries = new Map<string, string>();
  readonly #gaps = new Map<number, number>();
  readonly #startMs = performance.now();
  #answers = 0;
  #stopped = false;
  #running: Promise<unknown> | undefined;

  constructor(store: Store, writers: number) {
    this.#store = store;
    this.#writers = writers;
  }

  start(): void {
    const writers = Array.from({ length: this.#writers }, (_, writer) => this.#write(writer));
    this.#running = Promise.all(writers);
  }

  /** Resolves when so many more requests have been answered. */
  async answered(count: number): Promise<void> {
    const before = this.#answers;
    await eventually(`${count} requests are answered`, () => this.#answers >= before + count);
  }

  /** Resolves when every request has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Looks at all that is stored. */
  async check(): Promise<void> {
    for (const [counter, sums] of this.#sums.entries()) {
      const found = Number((await this.#store.getText(keyOf(counter))) ?? 0);
      if (found !== sums.size) {
        this.violations.push(`${keyOf(counter)} is ${found} after ${sums.size} increments`);
      }
    }
    for (const [key, entry] of this.#entries) {
      const found = await this.#store.getText(key);
      if (found !== entry) this.violations.push(`${key} is ${found ?? 'gone'}, not ${entry}`);
    }
  }

  /** `1,234 requests in 5.6 s, each performed once; the longest time without an answer for one counter: 789 ms` */
  get summary(): string {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(1);
    const longest = Math.round(Math.max(0, ...this.#gaps.values()));
    return `${this.#answers} requests in ${seconds} s, each performed once; the longest one took ${longest} ms`;
  }

  async #write(writer: number): Promise<void> {
    for (let turn = 0; !this.#stopped; turn += 1) {
      const counter = (writer + turn) % counters;
      await this.#measured(counter, async () => {
        const sum = await this.#store.increment(keyOf(counter));
        const sums = this.#sums[counter];
        if (sums?.has(sum)) this.violations.push(`two were told ${sum} of ${keyOf(counter)}`);
        sums?.add(sum);
        const entry = `ledger/${writer}`;
        await this.#store.put(entry, `${counter}:${sum}`);
        this.#entries.set(entry, `${counter}:${sum}`);
        const found = Number(await this.#store.getText(keyOf(counter)));
        if (found < sum) this.violations.push(`${keyOf(counter)} was ${found} after ${sum}`);
      });
    }
  }

  async #measured(counter: number, perform: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    try {
      await perform();
      this.#answers += 3;
    } catch (error) {
      this.errors.push(String(error));
    }
    const tookMs = performance.now() - startMs;
    this.#gaps.set(counter, Math.max(this.#gaps.get(counter) ?? 0, tookMs));
  }
}

function keyOf(counter: number): string {
  return `counter/${counter}`;
}
