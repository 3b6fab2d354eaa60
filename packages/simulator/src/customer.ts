import type { ProvidedPort, RequiredPort } from '@jbstore/core';
import type { Call, RecordedClient } from '@jbstore/linearizability';
import {
  Cas,
  Failed,
  Get,
  Incremented,
  Mismatch,
  NotFound,
  Ok,
  Value,
  type JBStore,
  type Mutation,
} from '@jbstore/store/port';

import { requestOf, type Seen } from './asking';
import { recordedAs, resultOf } from './assembly';
import type { Answered, Observer } from './observer';
import type { OperationCounts } from './outcome';
import type { OperationAction } from './plan';
import type { ProbeName } from './probes';
import type { SimulatedProcess } from './simulated-process';

/** What a customer needs to know of the run. */
export interface Market {
  readonly operations: OperationCounts;
  /** Is told what is asked, and what is answered. */
  readonly observer: Observer | undefined;
  sometimes(probe: ProbeName): void;
  /** Of which era an answer is that `tell` records. */
  answers(era: number, tell: () => void): void;
  /** One more client in the history. */
  client(): RecordedClient;
  /** Says that an operation on `key` must be done, now that all is healed. */
  demanded(key: string): boolean;
}

/** What says that an operation is done. */
type Done = Ok | Incremented | Mismatch | Value | NotFound;

/** An operation on its way. */
interface Running {
  readonly request: Mutation | Get;
  readonly action: OperationAction;
  /** Undefined until it was asked. */
  call: Call | undefined;
}

/**
 * Who asks at one place: one operation after the other, by whichever client process is there. What it
 * was told to do while it was busy, or dead, it does next. Once all is healed it repeats, as an operation of
 * its own, what failed and should not have.
 */
export class Customer {
  readonly #market: Market;
  readonly #waiting: OperationAction[] = [];
  #process: SimulatedProcess | undefined;
  #jb: RequiredPort<typeof JBStore> | undefined;
  #client: RecordedClient | undefined;
  #running: Running | undefined;
  #repetitions = 0;
  /** What it saw last under each key. */
  readonly #seen = new Map<string, Seen>();

  constructor(market: Market) {
    this.#market = market;
  }

  /** What it was told and is not done yet. */
  get pending(): readonly OperationAction[] {
    return this.#running ? [this.#running.action, ...this.#waiting] : this.#waiting;
  }

  ask(action: OperationAction): void {
    this.#waiting.push(action);
    this.#proceed();
  }

  /** `process` is at its place now. */
  enter(process: SimulatedProcess, provided: ProvidedPort<typeof JBStore>): void {
    this.#process = process;
    this.#client = this.#market.client();
    const jb = process.system.clientOf(provided);
    this.#jb = jb;
    jb.upon(Ok, (answer) => {
      this.#answered(answer.request, answer);
    });
    jb.upon(Incremented, (answer) => {
      this.#answered(answer.increment, answer);
    });
    jb.upon(Mismatch, (answer) => {
      this.#answered(answer.cas, answer);
    });
    jb.upon(Value, (answer) => {
      this.#answered(answer.get, answer);
    });
    jb.upon(NotFound, (answer) => {
      this.#answered(answer.get, answer);
    });
    jb.upon(Failed, ({ request, failure }) => {
      this.#failed(request as Mutation | Get, failure === 'outcome unknown');
    });
    this.#proceed();
  }

  /** The process at its place is dead: what was on its way is never answered. */
  leave(): void {
    const running = this.#running;
    this.#process = this.#jb = this.#running = undefined;
    if (running) this.#unanswered(running);
  }

  /** The run is over. */
  close(): void {
    this.#waiting.length = 0;
    this.leave();
  }

  #proceed(): void {
    const process = this.#process;
    const action = this.#running ? undefined : this.#waiting.shift();
    if (!process || !action) {
      if (action) this.#waiting.unshift(action);
      return;
    }
    const request = requestOf(action, this.#seen.get(action.key));
    const running: Running = { request, action, call: undefined };
    this.#running = running;
    process.lane.soon(() => {
      this.#market.observer?.asked(action);
      running.call = this.#client?.call(recordedAs(request));
      this.#jb?.next(request);
    });
  }

  #answered(request: Mutation | Get, answer: Done): void {
    const running = this.#take(request);
    if (!running) return;
    this.#market.answers(answer.era, () => {
      if (answer instanceof Mismatch) running.call?.fail();
      else running.call?.ok(resultOf(answer));
    });
    this.#look(running.action, answer);
    this.#over(running, { status: 'ok', found: foundIn(answer) });
    this.#proceed();
  }

  #look({ key }: OperationAction, answer: Done): void {
    if (answer instanceof NotFound) this.#seen.set(key, { value: null, version: undefined });
    if (!(answer instanceof Value)) return;
    const { value, version } = answer;
    this.#seen.set(key, { value: Buffer.from(value), version });
  }

  #failed(request: Mutation | Get, unknown: boolean): void {
    const running = this.#take(request);
    if (!running) return;
    const { action, call } = running;
    if (!(request instanceof Get)) {
      this.#market.sometimes(
        unknown ? 'a put failed with its outcome unknown' : 'a put was surely not performed',
      );
    }
    // In a history a cas that fails has found something else, and this one was not performed.
    if (unknown || request instanceof Cas) call?.unknown();
    else call?.fail();
    this.#over(running, { status: unknown ? 'unknown' : 'unavailable' });
    if (this.#market.demanded(action.key)) {
      this.#repetitions += 1;
      const value = action.value && `${action.value}/${action.client}/${this.#repetitions}`;
      this.#waiting.unshift(value === undefined ? action : { ...action, value });
    }
    this.#proceed();
  }

  #take(request: Mutation | Get): Running | undefined {
    const running = this.#running;
    if (running?.request !== request) return undefined;
    this.#running = undefined;
    return running;
  }

  #unanswered(running: Running): void {
    running.call?.unknown();
    this.#over(running, { status: 'unknown' });
  }

  #over({ action }: Running, answered: Answered): void {
    this.#market.operations[answered.status] += 1;
    this.#market.observer?.answered(action.client, answered);
  }
}

/** What a get found, or an increment made, for people. */
function foundIn(answer: Done): string | null | undefined {
  if (answer instanceof NotFound) return null;
  if (!(answer instanceof Value || answer instanceof Incremented)) return undefined;
  return String(resultOf(answer));
}
