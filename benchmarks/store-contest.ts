import { CannotDo, type Trial } from './harness';
import { us } from './selection';
import { type Servers } from './servers';
import {
  closedFigures,
  closedName,
  openFigures,
  openName,
  scenarioOf,
  type Figure,
} from './store-figures';
import { type StoreResult, type StoreTask } from './store-process';
import { type StoreEntry } from './store-subjects';
import { Worker } from './worker';
import { type WorkloadParameters } from './workload';

export interface ContestParameters extends WorkloadParameters {
  readonly closed: ClosedParameters;
  readonly open: OpenParameters;
}

interface ClosedParameters {
  /** How many keys are held meanwhile. */
  readonly held: number;
  /** How many requests at a time, in turn. */
  readonly inFlight: readonly number[];
  /** How long one subject is measured at a time. */
  readonly milliseconds: number;
  /** How long each subject runs before, so that what compiles itself while it runs has done so. */
  readonly warmUpMs: number;
}

interface OpenParameters {
  readonly held: number;
  readonly milliseconds: number;
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

  /** Starts it, stores the keys of the closed loops, and warms it up. A peer that does not start is left out. */
  async start(servers: Servers): Promise<void> {
    const { keys, keyBytes, valueBytes, closed } = this.#parameters;
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
    const { held, warmUpMs } = closed;
    await worker.do({ held, inFlight: warmUpInFlight, milliseconds: warmUpMs });
    this.#worker = worker;
  }

  /** A measurement with so many requests at a time, and the figures that come of it. */
  closedTrials(inFlight: number): Trial[] {
    const { held, milliseconds } = this.#parameters.closed;
    return this.#trials(closedFigures, closedName(inFlight), { held, milliseconds, inFlight });
  }

  /** A measurement with so many requests a second, and the figures that come of it. */
  openTrials(ratePerSecond: number): Trial[] {
    return this.#trials(openFigures, openName, { ...this.#parameters.open, ratePerSecond });
  }

  #trials(figures: readonly Figure[], loop: string, task: StoreTask): Trial[] {
    const { keyBytes, valueBytes } = this.#parameters;
    const { held: keys, ...rest } = task;
    const parameters = { keys, keyBytes, valueBytes, ...rest, ...this.#entry.parameters };
    let last: StoreResult | undefined;
    return figures.map((figure, place) => ({
      ...{ scenario: scenarioOf(figure, loop), subject: this.name, unit: figure.unit, parameters },
      measure: async () => {
        // One measurement tells all figures: the first takes it.
        if (place === 0) last = await (this.#worker?.do(task) ?? this.#missing());
        return (last && figure.of(last)) ?? this.#missing();
      },
    }));
  }

  #missing(): never {
    throw this.#absence ?? new CannotDo('this system does not tell it');
  }
}
