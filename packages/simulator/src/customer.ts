import type { ProvidedPort, RequiredPort } from '@jbstore/core';
import { Failed, Get, NotFound, Ok, Put, Value, type JBStore } from '@jbstore/store/port';

import type { Call, RecordedClient } from '@jbstore/linearizability';
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
  /** One more client in the history. */
  client(): RecordedClient;
  /** Says that an operation on `key` must be done, now that all is healed. */
  demanded(key: string): boolean;
}

/** An operation on its way. */
interface Running {
  readonly request: Put | Get;
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
    jb.upon(Ok, ({ request }) => {
      this.#answered(request as Put, undefined);
    });
    jb.upon(Value, ({ get, value }) => {
      this.#answered(get, Buffer.from(value).toString('latin1'));
    });
    jb.upon(NotFound, ({ get }) => {
      this.#answered(get, null);
    });
    jb.upon(Failed, ({ request, failure }) => {
      this.#failed(request as Put | Get, failure === 'outcome unknown');
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
    const key = Buffer.from(action.key, 'latin1');
    const value = action.value ?? '';
    const isPut = action.operation === 'put';
    const request = isPut ? new Put(key, Buffer.from(value, 'latin1')) : new Get(key);
    const running: Running = { request, action, call: undefined };
    this.#running = running;
    process.lane.soon(() => {
      const { operation: op, key: name } = action;
      this.#market.observer?.asked(action);
      running.call = this.#client?.call(
        op === 'put' ? { op, key: name, value } : { op, key: name },
      );
      this.#jb?.next(request);
    });
  }

  /** @param found - what a get found; undefined for a put */
  #answered(request: Put | Get, found: string | null | undefined): void {
    const running = this.#take(request);
    if (!running) return;
    running.call?.ok(found);
    this.#over(running, { status: 'ok', found });
    this.#proceed();
  }

  #failed(request: Put | Get, unknown: boolean): void {
    const running = this.#take(request);
    if (!running) return;
    const { action, call } = running;
    if (request instanceof Put) {
      this.#market.sometimes(
        unknown ? 'a put failed with its outcome unknown' : 'a put was surely not performed',
      );
    }
    if (unknown) {
      this.#unanswered(running);
    } else {
      call?.fail();
      this.#over(running, { status: 'unavailable' });
    }
    if (this.#market.demanded(action.key)) {
      this.#repetitions += 1;
      const value = action.value && `${action.value}/${action.client}/${this.#repetitions}`;
      this.#waiting.unshift(value === undefined ? action : { ...action, value });
    }
    this.#proceed();
  }

  #take(request: Put | Get): Running | undefined {
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
