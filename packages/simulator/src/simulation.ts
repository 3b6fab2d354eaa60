import { sandboxed } from './sandbox';
import { drawPlan } from './draw-plan';
import type { InvariantFactory } from './invariant';
import { invariants } from './invariants';
import type { Observer } from './observer';
import type { Outcome } from './outcome';
import type { Plan } from './plan';
import { Run } from './run';
import type { Scenario } from './scenario';

export interface SimulationOptions {
  /** What is done instead of what would be drawn from the seed. */
  readonly plan?: Plan;
  /** What must hold after every event. Default: {@link invariants}. */
  readonly invariants?: readonly InvariantFactory[];
  /** Watches the run. */
  readonly observer?: Observer;
}

/**
 * One run of `scenario`: all chance follows from `seed`, so that the same run can be had again.
 *
 * @example
 * ```ts
 * import { Simulation, standard } from '@jbstore/simulator';
 *
 * const outcome = new Simulation(standard, 'seed 1').run();
 * console.log(outcome.verdict, outcome.traceHash);
 * ```
 */
export class Simulation {
  readonly #scenario: Scenario;
  readonly #seed: string;
  readonly #options: SimulationOptions;

  constructor(scenario: Scenario, seed: string, options: SimulationOptions = {}) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#options = options;
  }

  /**
   * Runs to the end of all that is asked, or to the first failure.
   * @throws {@link NestedSimulationError} {@link RealWorldError}
   */
  run(): Outcome {
    const plan = this.#options.plan ?? drawPlan(this.#scenario, this.#seed);
    const factories = this.#options.invariants ?? invariants;
    const { observer } = this.#options;
    return sandboxed(() =>
      new Run(this.#scenario, this.#seed, plan, factories, observer).outcome(),
    );
  }
}
