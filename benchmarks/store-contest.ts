import { CannotDo, type Trial } from './harness';
import { us } from './selection';
import { type Servers } from './servers';
import { type StoreResult, type StoreTask } from './store-process';
import { type StoreEntry } from './store-subjects';
import { Worker } from './worker';
import { type WorkloadParameters } from './workload';

export interface ContestParameters extends WorkloadParameters {
  /** How many of the keys are held in the closed loops. */
  readonly held: number;
  /** How many requests at a time, in turn. */
  readonly inFlight: readonly number[];
  /** How long one subject is measured at a time. */
  readonly milliseconds: number;
  /** How long each subject runs before, so that what compiles itself while it runs has done so. */
  readonly warmUpMs: number;
}

interface Figure {
  readonly name: string;
  readonly unit: string;
  of(result: StoreResult): number | undefined;
}

/** What one measurement tells, the first of which is its rate. */
const figures = [
  {
    ...{ name: 'half put half get', unit: 'requests/s' },
    of: ({ operations, elapsedMs }) => (operations * 1000) / elapsedMs,
  },
  { name: 'p50 latency', unit: 'ms', of: ({ p50Ms }) => p50Ms },
  { name: 'p99 latency', unit: 'ms', of: ({ p99Ms }) => p99Ms },
  {
    ...{ name: 'processor time of the client', unit: 'µs/request' },
    of: ({ clientCpuMs, operations }) => (clientCpuMs * 1000) / operations,
  },
  {
    ...{ name: 'processor time of the servers', unit: 'µs/request' },
    of: ({ serversCpuMs, operations }) =>
      serversCpuMs === undefined ? undefined : (serversCpuMs * 1000) / operations,
  },
] as const satisfies readonly Figure[];

export function closedScenariosOf(inFlight: number): string[] {
  return figures.map(({ name }) => `${name}, C=${inFlight}`);
}

const warmUpInFlight = 64;

/** A store that takes part, in a process of its own. */
export class Contestant {
  readonly #entry: StoreEntry;
  readonly #parameters: ContestParameters;
  #worker: Worker<StoreTask, StoreResult> | undefined;
  #absence: CannotDo | undefined;

  constructor(
    readonly name: string,
    entry: StoreEntry,
    parameters: ContestParameters,
  ) {
    this.#entry = entry;
    this.#parameters = parameters;
  }

  /** Starts it, stores the keys, and warms it up. A peer that does not start is left out. */
  async start(servers: Servers): Promise<void> {
    const { keys, keyBytes, valueBytes, held, warmUpMs } = this.#parameters;
    const words = [JSON.stringify({ keys, keyBytes, valueBytes } satisfies WorkloadParameters)];
    const file = this.#entry.program;
    const worker = new Worker<StoreTask, StoreResult>(servers, this.name, { file, words });
    try {
      await worker.begun;
    } catch (error) {
      if (this.name === us) throw error;
      this.#absence = new CannotDo(error instanceof Error ? error.message : String(error));
      return;
    }
    await worker.do({ held, inFlight: warmUpInFlight, milliseconds: warmUpMs });
    this.#worker = worker;
  }

  /** One measurement with so many requests at a time, and the figures that come of it. */
  trials(inFlight: number): Trial[] {
    const { keyBytes, valueBytes, held, milliseconds } = this.#parameters;
    const task: StoreTask = { held, inFlight, milliseconds };
    const parameters = { keys: held, keyBytes, valueBytes, milliseconds, inFlight };
    let last: StoreResult | undefined;
    return figures.map((figure, place): Trial => {
      const { name, unit } = figure;
      return {
        ...{ scenario: `${name}, C=${inFlight}`, subject: this.name, unit },
        parameters: { ...parameters, ...this.#entry.parameters },
        measure: async () => {
          if (place === 0) last = await this.#measure(task);
          return (last && figure.of(last)) ?? this.#missing();
        },
      };
    });
  }

  #missing(): never {
    throw this.#absence ?? new CannotDo('this system does not tell it');
  }

  #measure(task: StoreTask): Promise<StoreResult> {
    return this.#worker?.do(task) ?? this.#missing();
  }
}
