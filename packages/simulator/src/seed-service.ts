import type { Outcome } from './outcome';
import { failureOnly, merge, nothing, totalsOf, type Totals } from './totals';

/** What a sweep asks of a worker. */
export interface Assignment {
  readonly scenario: string;
  readonly seed: number;
  /** The run is repeated, and must have the same trace hash. */
  readonly twice: boolean;
}

/** What a worker answers: first that it is ready, then what each seed came to. */
export type Answer =
  { readonly type: 'ready' } | { readonly type: 'done'; readonly totals: Totals };

/** Runs a scenario, which is known by its name. */
export type RunSeed = (scenario: string, seed: string) => Outcome;

/**
 * Makes this process a worker of a sweep, which runs seeds until the sweep lets go of it. The program of
 * a worker consists of this one call.
 */
export function serveSeeds(run: RunSeed): void {
  // Ctrl-C reaches all processes of a terminal: the sweep says what follows from it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => {
    process.exit();
  });
  const answer = (content: Answer): void => {
    process.send?.(content);
  };
  process.on('message', (assignment) => {
    answer({ type: 'done', totals: performed(assignment as Assignment, run) });
    // When nothing of its run is left to be done, that is garbage.
    setImmediate(() => {
      globalThis.gc?.({ type: 'minor' });
    });
  });
  answer({ type: 'ready' });
}

/** What the seed comes to, whatever its run does. */
function performed({ scenario, seed, twice }: Assignment, run: RunSeed): Totals {
  try {
    const outcome = run(scenario, String(seed));
    const totals = totalsOf(seed, outcome);
    if (!twice) return totals;
    const again = run(scenario, String(seed)).traceHash;
    if (again === outcome.traceHash) return { ...totals, repeated: 1 };
    const what = `the trace hash was ${outcome.traceHash}, and then ${again}`;
    return merge(
      { ...totals, seeds: 0, repeated: 1, verdicts: nothing.verdicts },
      failureOnly({ seed, kind: 'not repeatable', what }),
    );
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return failureOnly({ seed, kind: 'exception', what });
  }
}
