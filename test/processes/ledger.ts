import { setTimeout as delay } from 'node:timers/promises';

import type { Store } from '@jbstore/client';

import { eventually } from './jbstore';
import type { Service } from './service';

/** How much a cluster has to do. */
export interface Pace {
  readonly writers: number;
  /** How long each writer rests after a turn of three requests. */
  readonly restMs: number;
}

/** How many counters all writers share. */
const counters = 8;

/** How long writers may have to wait for answers: longer than anything that befalls a cluster. */
const answerMs = 180_000;

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
  readonly #pace: Pace;
  /** The sums that were told, of each counter. */
  readonly #sums = Array.from({ length: counters }, () => new Set<number>());
  readonly #entries = new Map<string, string>();
  readonly #service: Service;
  #stopped = false;
  #running: Promise<unknown> | undefined;

  constructor(store: Store, pace: Pace, service: Service) {
    this.#store = store;
    this.#pace = pace;
    this.#service = service;
  }

  start(): void {
    this.#stopped = false;
    this.#service.begin();
    const { writers } = this.#pace;
    const running = Array.from({ length: writers }, (_, writer) => this.#write(writer));
    this.#running = Promise.all(running);
  }

  /** Resolves when so many more requests have been answered. */
  async answered(count: number): Promise<void> {
    const before = this.#service.answers;
    const enough = (): boolean => this.#service.answers >= before + count;
    await eventually(`${count} requests are answered`, enough, answerMs);
  }

  /** No writer begins another turn. */
  end(): void {
    this.#stopped = true;
  }

  /** Resolves when every request has ended. */
  async stop(): Promise<void> {
    this.end();
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

  async #write(writer: number): Promise<void> {
    for (let turn = 0; !this.#stopped; turn += 1) {
      const counter = (writer + turn) % counters;
      try {
        await this.#turn(`ledger/${writer}`, counter);
      } catch (error) {
        this.errors.push(String(error));
      }
      if (this.#pace.restMs > 0) await delay(this.#pace.restMs);
    }
  }

  async #turn(entry: string, counter: number): Promise<void> {
    const key = keyOf(counter);
    const sum = await this.#store.increment(key);
    this.#service.answered(key);
    const sums = this.#sums[counter];
    if (sums?.has(sum)) this.violations.push(`two were told ${sum} of ${key}`);
    sums?.add(sum);
    await this.#store.put(entry, `${counter}:${sum}`);
    this.#service.answered(entry);
    this.#entries.set(entry, `${counter}:${sum}`);
    const found = Number(await this.#store.getText(key));
    this.#service.answered(key);
    if (found < sum) this.violations.push(`${key} was ${found} after ${sum}`);
  }
}

function keyOf(counter: number): string {
  return `counter/${counter}`;
}
