import type { Outcome, RunFailure } from '@jbstore/simulator';

import { runOf } from './focus';
import { focuses } from './focuses';

/** The first run that did not pass. */
export interface Found {
  readonly seed: number;
  /** Which invariant does not hold, or else the kind of the failure. */
  readonly finding: string;
}

/** Sweeps one of the scenarios in `focuses.ts`, with the seed `hint` first. */
export function sweep(scenario: string, seeds: number, hint = 1): Found | undefined {
  const focus = focuses.find(({ scenario: { name } }) => name === scenario);
  if (!focus) throw new Error(`there is no scenario ${scenario}`);
  return sweepOf((seed) => runOf(focus, seed), findingOf, seeds, hint);
}

/** Runs with the seed `hint`, and those from 1 on, until one fails or `seeds` of them have passed. */
export function sweepOf(
  run: (seed: string) => Outcome,
  nameOf: (failure: RunFailure) => string,
  seeds: number,
  hint: number,
): Found | undefined {
  for (const seed of seedsFrom(hint, seeds)) {
    const { verdict, failure } = run(String(seed));
    if (verdict !== 'passed') return { seed, finding: failure ? nameOf(failure) : verdict };
  }
  return undefined;
}

/** `hint`, and then all others from 1 to `seeds`. */
function* seedsFrom(hint: number, seeds: number): Generator<number> {
  yield hint;
  for (let seed = 1; seed <= seeds; seed += 1) if (seed !== hint) yield seed;
}

function findingOf({ what, kind }: RunFailure): string {
  const [, invariant] = /InvariantViolation: (.*)/.exec(what) ?? [];
  return invariant ?? kind;
}
