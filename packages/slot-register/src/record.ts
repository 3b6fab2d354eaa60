import { invariant } from '@jbstore/core';

import { execute, type Contents, type Operation, type Outcome } from './operations';
import { noResults, Results, type Result } from './results';
import { compareSessions, type RequestId, type SessionId } from './session';

/**
 * All there is to know of a register. What was executed stands in the same record as what came of it, so both
 * are chosen, copied and moved together: whoever has the value knows which requests are in it.
 */
export interface RegisterRecord extends Contents {
  /** {@link Results}, packed; none of a generation below the floor. */
  readonly results: string;
  /** The record does not know what sessions of generations below this one did: it executes nothing of theirs. */
  readonly generationFloor: number;
}

/** The record of a register that holds nothing, when nothing below these floors is known of it. */
export function emptyRecord(generationFloor: number, versionFloor: number): RegisterRecord {
  return { value: undefined, version: versionFloor, results: noResults, generationFloor };
}

/** How a request fares. `session expired`: not executed from now on; `superseded`: nobody waits for it. */
export type Answer = Outcome | 'session expired' | 'superseded';

/** The record that follows another one, in the making. */
export class Draft {
  #contents: Contents;
  #results: readonly Result[];
  #generationFloor: number;

  constructor(base: RegisterRecord) {
    this.#contents = base;
    this.#results = Results.unpack(base.results);
    this.#generationFloor = base.generationFloor;
  }

  /** Executes `operation` unless the record knows, or might have known, its request. */
  perform({ session, sequence }: RequestId, operation: Operation): Answer {
    // D1: the record may have executed it, and forgotten.
    if (session.generation < this.#generationFloor) return 'session expired';

    const place = placeOf(session, this.#results);
    const known = this.#results[place];
    const before = known && compareSessions(known.session, session) === 0 ? known : undefined;

    // D2: the session has gone on since; this is a copy that came late.
    if (before && before.sequence > sequence) return 'superseded';

    // D3: it was executed already, and goes as it went then.
    if (before?.sequence === sequence) return before.outcome;

    // D4: it is executed now, and the same record says so.
    const effect = execute(this.#contents, operation);
    invariant(effect.version >= this.#contents.version, 'versions never go back');
    this.#contents = effect;
    const { outcome } = effect;
    const result = { session, sequence, outcome };
    this.#results = this.#results.toSpliced(place, before ? 1 : 0, result);
    return outcome;
  }

  /** The newest generation of which there is a result; 0 if there is none. */
  get newestGeneration(): number {
    return this.#results.at(-1)?.session.generation ?? 0;
  }

  /** Drops what sessions of generations below `generation` did; whatever they ask is refused from then on. */
  forget(generation: number): void {
    if (generation <= this.#generationFloor) return;
    this.#generationFloor = generation;
    this.#results = this.#results.slice(placeOf({ generation, chance: '' }, this.#results));
  }

  finish(): RegisterRecord {
    const { value, version } = this.#contents;
    const results = Results.pack(this.#results);
    return { value, version, results, generationFloor: this.#generationFloor };
  }
}

/** Where the result of `session` stands among `results`, or would have to stand. */
function placeOf(session: SessionId, results: readonly Result[]): number {
  let low = 0;
  let high = results.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const result = results[middle];
    if (result && compareSessions(result.session, session) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
