import {
  Recorder,
  check,
  keyValue,
  type Call,
  type Operation,
  type Request,
} from '@jbstore/linearizability';

/** What a client was told. */
export type Outcome =
  | { readonly status: 'ok'; readonly value?: string | null }
  | { readonly status: 'fail' | 'unknown' };

/** What clients asked for and were told, and what is wrong with it. Moments are counted up. */
export class Calls {
  #moment = 0;
  readonly #told: Operation[] = [];
  readonly #running = new Set<Call>();
  readonly #recorder = new Recorder({
    now: () => (this.#moment += 1),
    record: (operation) => this.#told.push(operation),
  });

  begin(request: Request): Call {
    const call = this.#recorder.call(request);
    this.#running.add(call);
    return call;
  }

  /** A second answer to one call changes nothing. */
  end(call: Call, outcome: Outcome): void {
    if (!this.#running.delete(call)) return;
    if (outcome.status === 'ok') call.ok(outcome.value);
    else if (outcome.status === 'fail') call.fail();
    else call.unknown();
  }

  /** What was called, in this order. What has no answer now has none. */
  history(): readonly Operation[] {
    this.#recorder.end();
    this.#running.clear();
    return this.#told.sort((one, other) => one.call - other.call);
  }
}

/** @param answersDemanded - no request may have been refused, or be unanswered */
export function findingOf(history: readonly Operation[], answersDemanded: boolean): string {
  const { verdict } = check(history, keyValue());
  const wasRefused = history.some(({ status }) => status !== 'ok');
  const isFine = verdict === 'linearizable';
  return isFine && answersDemanded && wasRefused ? 'a request was refused' : verdict;
}
