import type { PortEvent } from '@jbstore/core';

import { eventMatcher, type Pattern } from './matcher';
import type { Observed } from './observed';
import type { Probe } from './probe';
import { Site, type Place } from './site';
import type { Expectation } from './steps';

/** Writes what comes in any order. */
export class Unordered {
  readonly #place: Place;
  readonly #expectations: Expectation[] = [];

  constructor(place: Place) {
    this.#place = place;
  }

  /** Such an event comes. */
  expect<E extends PortEvent, M extends E>(
    at: Observed<E>,
    pattern: Pattern<M>,
    condition?: (event: M) => boolean,
  ): this {
    const matcher = eventMatcher(at, pattern, condition);
    this.#expectations.push({ kind: 'expectation', place: this.#next(), matcher });
    return this;
  }

  /** Such a request comes, and is answered at once. */
  answer<In extends PortEvent, Out extends PortEvent, M extends In>(
    at: Probe<In, Out>,
    pattern: Pattern<M>,
    answer: (request: M) => Out,
    condition?: (request: M) => boolean,
  ): this {
    const matcher = eventMatcher(at, pattern, condition);
    const expectation = { kind: 'expectation', place: this.#next(), matcher } as const;
    this.#expectations.push(answering(expectation, at, answer));
    return this;
  }

  /** What was written. */
  get expectations(): readonly Expectation[] {
    return this.#expectations;
  }

  #next(): Place {
    const number = this.#expectations.length + 1;
    return { path: `${this.#place.path}.${number}`, site: new Site() };
  }
}

/** `expectation`, where what comes is answered. */
export function answering<In extends PortEvent, Out extends PortEvent>(
  expectation: Expectation,
  at: Probe<In, Out>,
  answer: (request: never) => Out,
): Expectation {
  return {
    ...expectation,
    answer: (request, history) => {
      const response = answer(request as never);
      history.noteSaid(at, response, expectation.place);
      at.answer(request, response);
    },
  };
}
