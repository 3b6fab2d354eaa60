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
