import { Simulation, churn, type Outcome, type RunFailure } from '@jbstore/simulator';

export function churnRun(seed: string): Outcome {
  return new Simulation(churn, seed).run();
}

/** The numbers of the invariants that do not hold, and of the rule for views; or what a component asserts, or the kind. */
export function findingOf({ kind, what }: RunFailure): string {
  const [numbers] = /I\d+(, I\d+)*(: V\d)?/.exec(kind === 'invariant' ? what : '') ?? [];
  const [, asserted] = /InvariantViolation: (.*)/.exec(what) ?? [];
  return numbers ?? asserted ?? kind;
}
