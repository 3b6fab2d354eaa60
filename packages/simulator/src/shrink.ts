import { minimized } from './delta-debugging';
import type { InvariantFactory } from './invariant';
import type { Outcome, RunFailure } from './outcome';
import type { Plan } from './plan';
import type { Scenario } from './scenario';
import { simplerPlans, withDirections } from './simpler-plans';
import { Simulation } from './simulation';

const defaultMostRuns = 500;

export interface ShrinkOptions {
  /** How many runs it may take. Default 500. */
  readonly mostRuns?: number;
  /** What must hold after every event, as in the run that failed. */
  readonly invariants?: readonly InvariantFactory[];
  /** Once it is aborted, what was found until then is taken. */
  readonly signal?: AbortSignal;
  /** Told after every run. */
  readonly onProgress?: (progress: ShrinkProgress) => void;
}

export interface ShrinkProgress {
  readonly runs: number;
  /** How many actions the shortest plan has, so far. */
  readonly actions: number;
}

/** The simplest way to the same failure that was found. */
export interface Shrunk {
  /** What its run came to; its plan is the shortest. */
  readonly outcome: Outcome;
  /** How many runs it took. */
  readonly runs: number;
  /** Nothing can be left out any more; else it ran out of runs, or was aborted. */
  readonly finished: boolean;
}

/**
 * Leaves out of the plan of a run that failed all that the failure does not need: actions by delta
 * debugging, then the directions of cuts, rates, latency, order, and time until the healing. The same
 * run shrinks to the same, unless it is aborted.
 */
export async function shrink(
  scenario: Scenario,
  failed: Outcome,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const shrinking = new Shrinking(scenario, failed, options);
  let before: Outcome;
  do {
    before = shrinking.best;
    await shrinking.leaveOut();
  } while (shrinking.best !== before);
  const { best, runs, cutShort } = shrinking;
  return { outcome: best, runs, finished: !cutShort };
}

class Shrinking {
  best: Outcome;
  runs = 0;
  /** There was something to try, and no run left to try it. */
  cutShort = false;
  readonly #scenario: Scenario;
  readonly #options: ShrinkOptions;
  readonly #sort: string | undefined;
  readonly #tried = new Set<string>();

  constructor(scenario: Scenario, failed: Outcome, options: ShrinkOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.best = failed;
    this.#sort = sortOf(failed.failure);
  }

  /** Once through all that may be left out. */
  async leaveOut(): Promise<void> {
    await minimized(this.best.plan.actions, (actions) =>
      this.#fails({ ...this.best.plan, actions }),
    );
    for (const [index, action] of this.best.plan.actions.entries()) {
      if (!('directions' in action)) continue;
      await minimized(action.directions, (directions) =>
        this.#fails(withDirections(this.best.plan, index, directions)),
      );
    }
    await this.#simplify();
  }

  async #simplify(): Promise<void> {
    for (const plan of simplerPlans(this.best.plan)) {
      if (await this.#fails(plan)) {
        await this.#simplify();
        return;
      }
    }
  }

  /** True if `plan` leads to a failure of the same sort; then it is the best one. */
  async #fails(plan: Plan): Promise<boolean> {
    const text = JSON.stringify(plan);
    if (this.#tried.has(text)) return false;
    const { mostRuns = defaultMostRuns, invariants, signal, onProgress } = this.#options;
    if (this.runs >= mostRuns || signal?.aborted) {
      this.cutShort = true;
      return false;
    }
    this.#tried.add(text);
    this.runs += 1;
    const { seed } = this.best;
    const simulation = new Simulation(this.#scenario, seed, {
      plan,
      ...(invariants && { invariants }),
    });
    const outcome = simulation.run();
    const same = sortOf(outcome.failure) === this.#sort;
    if (same) this.best = outcome;
    onProgress?.({ runs: this.runs, actions: this.best.plan.actions.length });
    // A run keeps the event loop: signals, and whoever shows progress, have their turn here.
    await new Promise((resolve) => setImmediate(resolve));
    return same;
  }
}

/** Failures of one sort have one cause, as far as can be told: the invariant or component, without numbers. */
function sortOf(failure: RunFailure | undefined): string | undefined {
  if (!failure) return undefined;
  const { kind, what } = failure;
  if (kind !== 'invariant' && kind !== 'fault') return kind;
  const [name = ''] = what.split(/: |\n/, 1);
  return `${kind} ${name.replace(/\d+/g, '#')}`;
}
