import { Simulation, churn, type RunFailure } from '@jbstore/simulator';

import type { Found } from './sweep';

/** Runs `churn` with the seeds from 1 on, until one fails or `seeds` of them have passed. */
export function churning(seeds: number): Found | undefined {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { verdict, failure } = new Simulation(churn, String(seed)).run();
    if (verdict !== 'passed') return { seed, finding: failure ? findingOf(failure) : verdict };
  }
  return undefined;
}

/** The numbers of the invariants that do not hold, and of the rule for views; or what a component asserts, or the kind. */
function findingOf({ kind, what }: RunFailure): string {
  const [numbers] = /I\d+(, I\d+)*(: V\d)?/.exec(kind === 'invariant' ? what : '') ?? [];
  const [, asserted] = /InvariantViolation: (.*)/.exec(what) ?? [];
  return numbers ?? asserted ?? kind;
}
