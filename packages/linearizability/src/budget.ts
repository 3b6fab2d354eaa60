/** How much a check may take. What goes beyond ends as `unknown`. */
export type Limits = {
  /** Bytes for what a search has seen, roughly (default 1 GiB). */
  readonly memoryBytes?: number;
} & (
  | { readonly timeoutMs?: undefined; readonly now?: () => number }
  /** `now` tells the time in milliseconds, since this package has no clock: `() => performance.now()`. */
  | { readonly timeoutMs: number; readonly now: () => number }
);

/** What a check ran out of. */
export type Shortage = 'time' | 'memory';

const memoryDefaultBytes = 1024 ** 3;
/** The clock is read once in as many questions. */
const questionsPerReading = 256;

/** What is left of {@link Limits}. */
export class Budget {
  readonly #memoryBytes: number;
  readonly #isLate: () => boolean;
  #questions = 0;
  #late = false;

  constructor({ memoryBytes = memoryDefaultBytes, timeoutMs, now }: Limits) {
    this.#memoryBytes = memoryBytes;
    const endMs = timeoutMs === undefined ? Infinity : now() + timeoutMs;
    this.#isLate = () => now !== undefined && now() >= endMs;
  }

  /** What is used up, if anything; `bytes` is what the search takes now. */
  shortage(bytes: number): Shortage | undefined {
    if (bytes > this.#memoryBytes) return 'memory';
    this.#questions += 1;
    if (this.#questions % questionsPerReading === 1) this.#late ||= this.#isLate();
    return this.#late ? 'time' : undefined;
  }
}
