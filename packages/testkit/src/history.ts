import type { EventClass, PortEvent } from '@jbstore/core';

import { UnexpectedEventsError, type Observed, type Target } from './observed';
import type { Place } from './site';
import type { Occurrence, Point, Tape } from './tape';

/** Something that a script saw or said. */
export interface Entry {
  readonly at: Point;
  readonly what: Occurrence['what'];
  readonly atMs: number;
  /** True if the script said it. */
  readonly triggered: boolean;
  /** The statements that took or said it; none if nothing did. */
  readonly by: readonly Place[];
}

/** What a script has seen so far, for a test to look at. */
export class History {
  readonly #tape: Tape;
  readonly #entries: Entry[] = [];

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  /** Notes that the statement at `place` says `event`. */
  noteSaid<Out extends PortEvent>(to: Target<Out>, event: Out, place: Place): void {
    const atMs = this.#tape.nowMs;
    this.#entries.push({ at: to, what: event, atMs, triggered: true, by: [place] });
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  get points(): readonly Point[] {
    return [...new Set(this.#entries.map(({ at }) => at))];
  }

  /** What was seen and said at `point`, oldest first. */
  entriesAt(point: Point): readonly Entry[] {
    return this.#entries.filter(({ at }) => at === point);
  }

  /** The events of the class `type` that came at `at`, oldest first. */
  all<E extends PortEvent, M extends E>(at: Observed<E>, type: EventClass<M>): readonly M[] {
    const came = this.entriesAt(at).filter(({ triggered }) => !triggered);
    return came.map(({ what }) => what).filter((what): what is M => what instanceof type);
  }

  /**
   * The last event of the class `type` that came at `at`.
   * @throws {@link UnexpectedEventsError} if none came
   */
  last<E extends PortEvent, M extends E>(at: Observed<E>, type: EventClass<M>): M {
    const event = this.all(at, type).at(-1);
    if (event) return event;
    throw new UnexpectedEventsError(`a ${type.name} at ${at.name} before this step`, []);
  }
}
