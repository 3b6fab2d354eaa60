import type { Outcome, RunFailure, SeedFailure, SeedRange, SweepResult } from '@jbstore/simulator';
import { readFile } from 'node:fs/promises';

import { Stopwatch } from './figures';
import type { Io } from './io';
import { Progress } from './progress';
import { simulator } from './simulator';

export interface SeedOptions {
  readonly scenario: string;
  readonly seeds: SeedRange;
  readonly workers?: number;
  /** No more seeds are begun after one that failed. */
  readonly bail?: true;
  /** One run is wanted for a picture, if there is only one. */
  readonly report?: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** What was run, and of that one run to look at: one that failed, or the only one. */
export interface Runs {
  readonly result: SweepResult;
  readonly outcome: Outcome | undefined;
}

/** Sweeps until all is done, or it is aborted. */
export async function runSeeds(options: SeedOptions, io: Io): Promise<Runs> {
  const { scenario, seeds, workers, bail, json, signal, report } = options;
  const { scenarioNamed, Simulation, sweep } = simulator();
  const count = seeds.last - seeds.first + 1;
  const progress = json ? undefined : new Progress(io.stderr, 'simulated', count, 'seed');
  let result: SweepResult;
  try {
    result = await sweep({
      scenario,
      seeds,
      ...(workers !== undefined && { workers }),
      stopsAtFailure: bail === true,
      signal,
      onProgress: () => progress?.advance(),
    });
  } finally {
    progress?.stop();
  }
  const { failures } = result.totals;
  const drawn = count === 1 && failures.length === 0 && report !== undefined;
  const seed = failures.find(isRepeatable)?.seed ?? (drawn ? seeds.first : undefined);
  if (signal.aborted || seed === undefined) return { result, outcome: undefined };
  return { result, outcome: new Simulation(scenarioNamed(scenario), String(seed)).run() };
}

/** Runs the plan in `file`. */
export async function runPlan(file: string): Promise<Runs> {
  const { parsePlanFile, scenarioNamed, Simulation, totalsOf } = simulator();
  const { scenario, seed, plan } = parsePlanFile(await readFile(file, 'utf8'), file);
  const found = scenarioNamed(scenario);
  const stopwatch = new Stopwatch();
  const outcome = new Simulation(found, seed, { plan }).run();
  const { elapsedMs } = stopwatch;
  const totals = totalsOf(Number(seed), outcome);
  return { result: { scenario, totals, elapsedMs, left: undefined }, outcome };
}

const inRuns: Readonly<Record<RunFailure['kind'], true>> = {
  'not linearizable': true,
  invariant: true,
  stuck: true,
  fault: true,
};

/** True if the run itself failed, rather than the process that ran it. */
function isRepeatable({ kind }: SeedFailure): boolean {
  return kind in inRuns;
}
