import { RuntimeError } from '@jbstore/core';

/** Code under simulation asked the real world for time or chance. */
export class RealWorldError extends RuntimeError {
  override readonly code = 'ERR_REAL_WORLD';

  constructor(readonly asked: string) {
    super(
      `${asked} was called within a simulation, which could not repeat it: take time and chance from ` +
        'the context of the component',
    );
  }
}

/** A simulation was begun within another one. */
export class NestedSimulationError extends RuntimeError {
  override readonly code = 'ERR_NESTED_SIMULATION';

  constructor() {
    super('a simulation runs already in this thread: run one after the other');
  }
}

/** A scenario, or a plan, that cannot be performed. */
export class InvalidScenarioError extends RuntimeError {
  override readonly code = 'ERR_INVALID_SCENARIO';

  constructor(
    readonly scenario: string,
    readonly flaw: string,
  ) {
    super(`the scenario ${scenario} cannot be run: ${flaw}`);
  }
}

/** There is no scenario with this name. */
export class UnknownScenarioError extends RuntimeError {
  override readonly code = 'ERR_UNKNOWN_SCENARIO';

  constructor(
    readonly scenario: string,
    readonly known: readonly string[],
  ) {
    super(`there is no scenario ${scenario}: take one of ${known.join(', ')}`);
  }
}

/** A worker of a sweep ended before it was ready for a seed. */
export class WorkerStartError extends RuntimeError {
  override readonly code = 'ERR_WORKER_START';

  constructor(
    readonly program: string,
    readonly reason: string,
  ) {
    super(
      `the worker ${program} does not start (${reason}): it must call serveSeeds, and processes like ` +
        'this one must be able to load it',
    );
  }
}

/** A file that should hold the plan of a run. */
export class MalformedPlanError extends RuntimeError {
  override readonly code = 'ERR_MALFORMED_PLAN';

  constructor(
    readonly source: string,
    readonly flaw: string,
  ) {
    super(`${source} is no plan of a run: ${flaw}; take one that jbstore simulate has written`);
  }
}
