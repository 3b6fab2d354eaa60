import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';

import { merge, nothing, type Totals } from './totals';
import { WorkerProcess } from './worker-process';

/** One seed in so many is run twice, the first of a sweep among them. */
const repeatedOneIn = 20;

/**
 * All that a run makes is garbage at its end. With room for it, and swept up then, little of it is ever copied; what is
 * allocated among the old at once, as V8 soon would, keeps all of its dead run from being swept up.
 */
const roomForTheYoung = [
  ...['--min-semi-space-size=64', '--max-semi-space-size=64'],
  ...['--no-allocation-site-pretenuring', '--expose-gc'],
];

/** Far more than any run takes, even on a busy machine. */
const defaultSeedLimitMs = 300_000;

/** From `first` to `last`, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

export interface SweepOptions {
  /** The name of a scenario that the program of the workers knows. */
  readonly scenario: string;
  readonly seeds: SeedRange;
  /** How many processes. Default: as many as there are cores. */
  readonly workers?: number;
  /** What the workers run. Default: the scenarios of this package. */
  readonly program?: string;
  /** What Node is given before the program. Default: what this process was given. */
  readonly execArgv?: readonly string[];
  /** How long one seed may take, in real time, before it counts as failed. */
  readonly seedLimitMs?: number;
  /** No more seeds are begun after one that failed. */
  readonly stopsAtFailure?: boolean;
  /** No more seeds are begun once it is aborted; those that were are finished. */
  readonly signal?: AbortSignal;
  /** Told of the totals after every seed. */
  readonly onProgress?: (totals: Totals) => void;
}

/** What a sweep came to, as plain data. */
export interface SweepResult {
  readonly scenario: string;
  readonly totals: Totals;
  /** How long it took, in real time. */
  readonly elapsedMs: number;
  /** What was not begun, to go on with. */
  readonly left: SeedRange | undefined;
}

/**
 * Runs a scenario with many seeds, in a process for each core.
 * @throws {@link WorkerStartError}
 */
export async function sweep(options: SweepOptions): Promise<SweepResult> {
  const { scenario, seeds } = options;
  const startedMs = performance.now();
  const course = new Course(options);
  const count = Math.min(options.workers ?? availableParallelism(), seeds.last - seeds.first + 1);
  await Promise.all(Array.from({ length: count }, () => course.follow()));
  const elapsedMs = performance.now() - startedMs;
  return { scenario, totals: course.totals, elapsedMs, left: course.left };
}

/** How far a sweep is. */
class Course {
  totals = nothing;
  readonly #options: SweepOptions;
  #next: number;
  #broken = false;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#next = options.seeds.first;
  }

  get left(): SeedRange | undefined {
    const { last } = this.#options.seeds;
    return this.#next > last ? undefined : { first: this.#next, last };
  }

  /** Takes seeds as long as there are any, with one worker after another if they do not live. */
  async follow(): Promise<void> {
    while (this.#goesOn()) {
      const worker = this.#worker();
      try {
        await worker.ready();
        while (worker.alive && this.#goesOn()) await this.#take(worker);
      } catch (error) {
        this.#broken = true;
        throw error;
      } finally {
        await worker.release();
      }
    }
  }

  #goesOn(): boolean {
    const { seeds, signal, stopsAtFailure } = this.#options;
    const failed = stopsAtFailure === true && this.totals.failures.length > 0;
    return !this.#broken && !failed && signal?.aborted !== true && this.#next <= seeds.last;
  }

  async #take(worker: WorkerProcess): Promise<void> {
    const { scenario, seeds, onProgress } = this.#options;
    const seed = this.#next;
    this.#next += 1;
    const twice = (seed - seeds.first) % repeatedOneIn === 0;
    const totals = await worker.run({ scenario, seed, twice });
    this.totals = merge(this.totals, totals);
    onProgress?.(this.totals);
  }

  #worker(): WorkerProcess {
    const { program, execArgv, seedLimitMs } = this.#options;
    return new WorkerProcess({
      // Built or not, the program lies beside this file, and is of its kind.
      program: program ?? join(__dirname, `sweep-worker${extname(__filename)}`),
      execArgv: [...(execArgv ?? process.execArgv), ...roomForTheYoung],
      seedLimitMs: seedLimitMs ?? defaultSeedLimitMs,
    });
  }
}
