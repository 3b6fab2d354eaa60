import { inspect, isDeepStrictEqual } from 'node:util';

import { ComponentFault, PortEvent, type EventClass } from '@jbstore/core';

import { faults, type Occurrence, type Point } from './tape';

/** Which events are meant: those of a class and of its subclasses, or those that equal one, deeply. */
export type Pattern<E extends PortEvent> = EventClass<E> | E;

/** A class of errors. */
export type ErrorClass<E extends Error = Error> = abstract new (...given: never[]) => E;

/** Tells whether an occurrence is meant, and says which are. */
export interface Matcher {
  readonly at: Point;
  readonly text: string;
  matches(occurrence: Occurrence): boolean;
}

/** Means the events at `at` that are as `pattern` says, or all, and fulfil `condition`. */
export function eventMatcher<E extends PortEvent>(
  at: Point,
  pattern?: Pattern<E>,
  condition?: (event: E) => boolean,
): Matcher {
  const fits = (what: unknown): what is E =>
    what instanceof PortEvent && isMeant(what, pattern) && (condition?.(what as E) ?? true);
  return {
    at,
    text: `${at.name}: ${pattern ? textOf(pattern) : 'anything'}${whereText(condition)}`,
    matches: (occurrence) => occurrence.at === at && fits(occurrence.what),
  };
}

/** Means the faults whose cause is of the class `type` and fulfils `condition`. */
export function faultMatcher<E extends Error>(
  type: ErrorClass<E>,
  condition?: (cause: E) => boolean,
): Matcher {
  return {
    at: faults,
    text: `a fault by ${type.name}${whereText(condition)}`,
    matches: ({ what }) =>
      what instanceof ComponentFault &&
      what.cause instanceof type &&
      (condition?.(what.cause) ?? true),
  };
}

/** An event, or a class of events, as a report shows it. */
export function textOf(what: Pattern<PortEvent>): string {
  if (typeof what === 'function') return what.name;
  const text = inspect(what, { depth: 3, breakLength: Infinity, sorted: true });
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}

function isMeant(event: PortEvent, pattern: Pattern<PortEvent> | undefined): boolean {
  if (typeof pattern === 'function') return event instanceof pattern;
  return pattern === undefined || isDeepStrictEqual(event, pattern);
}

function whereText(condition: unknown): string {
  return condition ? ' that fulfils its condition' : '';
}
