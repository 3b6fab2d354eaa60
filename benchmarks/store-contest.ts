import { closedLoop, fill, type ClosedLoopResult } from './closed-loop';
import { CannotDo, type Trial } from './harness';
import { cpuTimeMs, type Servers } from './servers';
import { type StoreSubject } from './store-subject';
import { type Generation, Workload, type WorkloadParameters } from './workload';

export interface ContestParameters extends WorkloadParameters {
  /** How many requests at a time, in turn. */
  readonly inFlight: readonly number[];
  /** How long one subject is measured at a time. */
  readonly milliseconds: number;
  /** How long each subject runs before, so that what compiles itself while it runs has done so. */
  readonly warmUpMs: number;
}

interface Measured extends ClosedLoopResult {
  /** Of the client and all servers together; undefined where that is not known. */
  readonly cpuUsPerOperation: number | undefined;
}

/** What one measurement tells. */
export const figures = [
  'half put half get',
  'p50 latency',
  'p99 latency',
  'processor time',
] as const;

export function scenarioOf(figure: (typeof figures)[number], inFlight: number): string {
  return `${figure}, C=${inFlight}`;
}

const warmUpInFlight = 64;

/** A store that takes part: what it must hold by now, and what is measured of it. */
export class Contestant {
  readonly #start: (servers: Servers) => StoreSubject | Promise<StoreSubject>;
  readonly #parameters: ContestParameters;
  readonly #workload: Workload;
  #generation: Generation = 0;
  #subject: StoreSubject | undefined;
  #absence: CannotDo | undefined;

  /** @param start - starts servers and client. @throws {@link CannotDo} if they are not to be had */
  constructor(
    readonly name: string,
    start: (servers: Servers) => StoreSubject | Promise<StoreSubject>,
    parameters: ContestParameters,
  ) {
    this.#start = start;
    this.#parameters = parameters;
    this.#workload = new Workload(parameters);
  }

  /** Starts it, stores every key, and warms it up. */
  async start(servers: Servers): Promise<void> {
    try {
      this.#subject = await this.#start(servers);
    } catch (error) {
      if (!(error instanceof CannotDo)) throw error;
      this.#absence = error;
      return;
    }
    await fill(this.#subject, this.#workload);
    await this.#run(this.#subject, warmUpInFlight, this.#parameters.warmUpMs);
  }

  /** One measurement with so many requests at a time, and the figures that come of it. */
  trials(inFlight: number): Trial[] {
    const { keys, keyBytes, valueBytes, milliseconds } = this.#parameters;
    const parameters = { keys, keyBytes, valueBytes, milliseconds, ...this.#subject?.parameters };
    let last: Measured | undefined;
    const trial = (
      figure: (typeof figures)[number],
      unit: string,
      measure: Trial['measure'],
    ): Trial => ({
      ...{ scenario: scenarioOf(figure, inFlight), subject: this.name, unit, measure },
      parameters: { ...parameters, inFlight },
    });
    return [
      trial('half put half get', 'requests/s', async () => {
        last = await this.#measure(inFlight);
        return (last.operations * 1000) / last.elapsedMs;
      }),
      trial('p50 latency', 'ms', () => last?.p50Ms ?? this.#missing()),
      trial('p99 latency', 'ms', () => last?.p99Ms ?? this.#missing()),
      trial('processor time', 'µs/request', () => last?.cpuUsPerOperation ?? this.#missing()),
    ];
  }

  async close(): Promise<void> {
    await this.#subject?.close();
  }

  #missing(): never {
    throw this.#absence ?? new CannotDo('this system does not tell it');
  }

  async #measure(inFlight: number): Promise<Measured> {
    const subject = this.#subject ?? this.#missing();
    const pids = [process.pid, ...subject.pids];
    const beforeMs = await cpuTimeMs(pids);
    const result = await this.#run(subject, inFlight, this.#parameters.milliseconds);
    const afterMs = await cpuTimeMs(pids);
    const known = beforeMs !== undefined && afterMs !== undefined;
    const cpuUsPerOperation = known ? ((afterMs - beforeMs) * 1000) / result.operations : undefined;
    return { ...result, cpuUsPerOperation };
  }

  /** Every run stores other values than the one before. */
  #run(subject: StoreSubject, inFlight: number, milliseconds: number): Promise<ClosedLoopResult> {
    this.#generation = this.#generation === 0 ? 1 : 0;
    const generation = this.#generation;
    return closedLoop(subject, this.#workload, { inFlight, milliseconds, generation });
  }
}
