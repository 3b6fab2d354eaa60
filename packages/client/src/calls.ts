import { NumberMap, TurnoverMap } from '@jbstore/core';
import { Deadlines } from '@jbstore/timer/port';

import { Call } from './call';

/** The calls that run, and when something is to be done about each. */
export class Calls {
  readonly #calls = new NumberMap<Call>();
  readonly #callOf = new TurnoverMap<Call['request'], Call>();
  /** When each must be answered. */
  readonly deadlines = new Deadlines<Call>();
  /** Calls that a member has and does not answer. */
  readonly attempts = new Deadlines<Call>();
  /** Calls that no member has. */
  readonly retries = new Deadlines<Call>();
  #lastId = 0;

  get size(): number {
    return this.#calls.size;
  }

  get nowMs(): number {
    return this.deadlines.nowMs;
  }

  /** @param timeoutMs - how soon it must be answered */
  begin(request: Call['request'], timeoutMs: number): Call {
    const call = new Call((this.#lastId += 1), request, this.nowMs + timeoutMs);
    this.#calls.set(call.id, call);
    this.#callOf.set(request, call);
    call.deadline = this.deadlines.add(call, timeoutMs);
    return call;
  }

  /** A member has `call`, and is seen to be there now: it has so long to answer. */
  waitFor(call: Call, delayMs: number): void {
    call.askedMs = this.nowMs;
    call.attempt = this.attempts.add(call, delayMs, call.attempt);
  }

  get(id: number): Call | undefined {
    return this.#calls.get(id);
  }

  /** True until its end. */
  has(call: Call): boolean {
    return this.#calls.get(call.id) !== undefined;
  }

  of(request: Call['request']): Call | undefined {
    return this.#callOf.get(request);
  }

  end(call: Call): void {
    this.#calls.delete(call.id);
    this.#callOf.delete(call.request);
    this.deadlines.delete(call.deadline);
    this.attempts.delete(call.attempt);
    this.retries.delete(call.retry);
  }
}
