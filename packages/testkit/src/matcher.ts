import { inspect, isDeepStrictEqual } from 'node:util';

import { PortEvent, TreatedFault, type EventClass, type FaultDecision } from '@jbstore/core';

import { faults, type Occurrence, type Point } from './tape';

/** Which events are meant: those of a class and of its subclasses, or those that equal one, deeply. */
export type Pattern<E extends PortEvent> = EventClass<E> | E;

/** A class of errors. */
export type ErrorClass<E extends Error = Error> = abstract new (...given: never[]) => E;

/** Which faults are meant beside their class; all, by default. */
export interface FaultPattern<E extends Error> {
  /** What was decided: by a supervisor; or `stop`, if the system stops. */
  readonly decision?: FaultDecision;
  /** The path of the component about which it was decided; the name of the system, if that stops. */
  readonly component?: string;
  readonly condition?: (cause: E) => boolean;
}

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

/** Means the faults whose cause is of the class `type`, as far as `about` says which. */
export function faultMatcher<E extends Error>(
  type: ErrorClass<E>,
  { decision, component, condition }: FaultPattern<E>,
): Matcher {
  const decided = decision ? `, decision ${decision}` : '';
  const about = component ? ` about ${component}` : '';
  return {
    at: faults,
    text: `a fault by ${type.name}${decided}${about}${whereText(condition)}`,
    matches: ({ what }) =>
      what instanceof TreatedFault &&
      what.fault.cause instanceof type &&
      what.decision === (decision ?? what.decision) &&
      what.component === (component ?? what.component) &&
      (condition?.(what.fault.cause) ?? true),
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
