import type { RunFailure } from '@jbstore/simulator';

import { runOf } from './focus';
import { focuses } from './focuses';

/** The first run that did not pass. */
export interface Found {
  readonly seed: number;
  /** Which invariant does not hold, or else the kind of the failure. */
  readonly finding: string;
}

/**
 * Runs the scenario with the seed `hint`, and those from 1 on, until one fails or `seeds` of them have passed.
 */
export function sweep(scenario: string, seeds: number, hint = 1): Found | undefined {
  const focus = focuses.find(({ scenario: { name } }) => name === scenario);
  if (!focus) throw new Error(`there is no scenario ${scenario}`);
  for (const seed of seedsFrom(hint, seeds)) {
    const { verdict, failure } = runOf(focus, String(seed));
    if (verdict !== 'passed') return { seed, finding: failure ? findingOf(failure) : verdict };
  }
  return undefined;
}

/** `hint`, and then all others from 1 to `seeds`. */
export function* seedsFrom(hint: number, seeds: number): Generator<number> {
  yield hint;
  for (let seed = 1; seed <= seeds; seed += 1) if (seed !== hint) yield seed;
}

function findingOf({ kind, what }: RunFailure): string {
  const [, invariant] = /InvariantViolation: (.*)/.exec(what) ?? [];
  return invariant ?? kind;
}
