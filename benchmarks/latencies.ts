import { createHistogram } from 'node:perf_hooks';

/** What a loop of requests came to. */
export interface LoopResult {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

const nanosecondsPerMs = 1e6;

/** How long requests took: a histogram of high dynamic range, with three digits. */
export class Latencies {
  readonly #histogram = createHistogram();
  readonly #failures: unknown[] = [];

  record(latencyMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(latencyMs * nanosecondsPerMs)));
  }

  /** A request failed, or returned what it must not. */
  fail(error: unknown): void {
    this.#failures.push(error);
  }

  /** @throws an error if a single request failed */
  result(elapsedMs: number): LoopResult {
    const { count } = this.#histogram;
    const [first] = this.#failures;
    if (this.#failures.length > 0) {
      const text = `${this.#failures.length} of ${count} requests failed`;
      throw new Error(`${text}; the first: ${String(first)}`, { cause: first });
    }
    const percentileMs = (part: number): number =>
      this.#histogram.percentile(part) / nanosecondsPerMs;
    return {
      operations: count,
      elapsedMs,
      p50Ms: percentileMs(50),
      p99Ms: percentileMs(99),
      p999Ms: percentileMs(99.9),
    };
  }
}
