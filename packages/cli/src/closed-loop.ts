import type { Store } from '@jbstore/client';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

import { codeOf, ExitCode, exitCodeOf } from './exit-code';
import { Stopwatch } from './figures';

export interface ClosedLoopParameters {
  /** Requests at a time, of each store. */
  readonly inFlight: number;
  readonly seconds: number;
  /** From 0, only puts, to 1, only gets. */
  readonly readFraction: number;
  readonly valueBytes: number;
  /** How many different keys. */
  readonly keys: number;
  /** What their names begin with. */
  readonly keyPrefix: string;
  /** All values differ, so that a get tells which put it saw; they may be longer then. */
  readonly distinctValues: boolean;
}

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ClosedLoopResult {
  /** Those that succeeded. */
  readonly operations: number;
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  readonly get: Latency;
  readonly put: Latency;
  /** How many failed, by code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** A load that sends the next request when one is answered, so that the store sets the pace. */
export class ClosedLoop {
  readonly #parameters: ClosedLoopParameters;
  readonly #value: Uint8Array;
  #values = 0;
  readonly #gets = createHistogram();
  readonly #puts = createHistogram();
  readonly #failures = new Map<string, number>();

  constructor(parameters: ClosedLoopParameters) {
    this.#parameters = parameters;
    this.#value = Buffer.alloc(parameters.valueBytes, 'v');
  }

  /** Stores every key once, so that each get finds a value. */
  async fill(store: Store): Promise<void> {
    const { keys, inFlight } = this.#parameters;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < keys) {
        const key = next;
        next += 1;
        await store.put(this.#keyOf(key), this.#nextValue());
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  }

  async run(stores: readonly Store[]): Promise<ClosedLoopResult> {
    const stopwatch = new Stopwatch();
    const endMs = this.#parameters.seconds * 1000;
    const worker = async (store: Store): Promise<void> => {
      while (stopwatch.elapsedMs < endMs) await this.#operate(store);
    };
    const { inFlight } = this.#parameters;
    const workers = stores.flatMap((store) =>
      Array.from({ length: inFlight }, () => worker(store)),
    );
    await Promise.all(workers);

    const elapsedMs = Math.round(stopwatch.elapsedMs);
    const operations = this.#gets.count + this.#puts.count;
    return {
      operations,
      elapsedMs,
      operationsPerSecond: Math.round((operations * 1000) / elapsedMs),
      get: latencyOf(this.#gets),
      put: latencyOf(this.#puts),
      failures: Object.fromEntries(this.#failures),
    };
  }

  async #operate(store: Store): Promise<void> {
    const { keys, readFraction } = this.#parameters;
    const key = this.#keyOf(Math.floor(Math.random() * keys));
    const reads = Math.random() < readFraction;
    const value = this.#nextValue();
    const start = process.hrtime.bigint();
    try {
      await (reads ? store.get(key) : store.put(key, value));
    } catch (error) {
      // What a cluster may do to its clients is a figure; anything else is a mistake to be shown.
      if (exitCodeOf(error) === ExitCode.internal) throw error;
      const code = codeOf(error) ?? '';
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      return;
    }
    (reads ? this.#gets : this.#puts).record(process.hrtime.bigint() - start);
  }

  #keyOf(number: number): string {
    return `${this.#parameters.keyPrefix}${number}`;
  }

  #nextValue(): Uint8Array {
    const { valueBytes, distinctValues } = this.#parameters;
    if (!distinctValues) return this.#value;
    this.#values += 1;
    return Buffer.from(String(this.#values).padStart(valueBytes, '0'));
  }
}

function latencyOf(histogram: RecordableHistogram): Latency {
  const { count } = histogram;
  const milliseconds = (nanoseconds: number): number => Math.round(nanoseconds / 1000) / 1000;
  return {
    count,
    p50Ms: milliseconds(histogram.percentile(50)),
    p95Ms: milliseconds(histogram.percentile(95)),
    p99Ms: milliseconds(histogram.percentile(99)),
    maxMs: count === 0 ? 0 : milliseconds(histogram.max),
  };
}
