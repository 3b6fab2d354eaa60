import { RuntimeError, TreatedFault, type PortEvent } from '@jbstore/core';

import { textOf } from './matcher';
import type { Place } from './site';
import type { Occurrence } from './tape';

/** A component did something else than the script of its test says. The message is the report. */
export class ScriptError extends RuntimeError {
  override readonly code = 'ERR_SCRIPT';

  /** The number of the step that was awaited, the first if there were several; undefined at the end. */
  readonly step: string | undefined;

  /**
   * @param occurrence - what came; undefined if nothing more came
   * @param place - of the step that was awaited: the stack points there, as that is what a reader looks for
   */
  constructor(
    report: string,
    readonly occurrence: PortEvent | TreatedFault | undefined,
    place: Place,
  ) {
    super(report, occurrence instanceof TreatedFault ? { cause: occurrence.fault } : undefined);
    this.step = place.path === '' ? undefined : place.path;
    this.stack = [`${this.name}: ${report}`, ...place.site.stack].join('\n');
  }
}

/** What happened does not tell which way a script goes, and the ways do different things. */
export class AmbiguousScriptError extends RuntimeError {
  override readonly code = 'ERR_AMBIGUOUS_SCRIPT';

  /** @param other - undefined if the script could also be at its end */
  constructor(one: Place, other: Place | undefined, occurrence?: Occurrence) {
    const when = occurrence
      ? `when there comes ${occurrence.at.name}: ${said(occurrence)}`
      : 'when nothing more comes';
    const ways = `the script can go on by ${written(one)}, or ${other ? `by ${written(other)}` : 'be at its end'}`;
    super(`${when}, ${ways}: make what they expect differ, so that an event tells which`);
  }
}

/** A script that is none. */
export class MalformedScriptError extends RuntimeError {
  override readonly code = 'ERR_MALFORMED_SCRIPT';

  constructor(place: Place, problem: string) {
    super(`${written(place)}: ${problem}`);
  }
}

/** The number of a step, and its line in the test. */
export function written({ path, site }: Place): string {
  return `step ${path} (${site.toString()})`;
}

/** What came, in a line. */
export function said({ what }: Pick<Occurrence, 'what'>): string {
  if (!(what instanceof TreatedFault)) return textOf(what);
  return `${what.fault.message}; decision ${what.decision} about ${what.component}`;
}
