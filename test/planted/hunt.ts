import type { Bug } from './bug';
import type { Edit } from './edit';
import { loadWith } from './plant';
import type * as sweeping from './sweep';
import type { Found } from './sweep';

/** A sweep, and what came of it. */
export interface Hunt {
  readonly scenario: string;
  /** It ends after so many, or with the first that fails. */
  readonly seeds: number;
  readonly found: Found | undefined;
}

/** Sweeps the scenario of `bug`, with the bug planted. Hinted, it tries the seed first that found it last. */
export function hunt({ given = [], edits, sweep }: Bug, hinted: boolean): Hunt {
  const { scenario, seeds, hint } = sweep;
  return huntWith([...given, ...edits], scenario, seeds, hinted ? hint : undefined);
}

/** Sweeps the scenarios of `bugs` without them, each over the most seeds that one of them is granted, or `most`. */
export function huntNothing(bugs: readonly Bug[], most: number): readonly Hunt[] {
  const widest = new Map<string, Bug>();
  for (const bug of bugs) {
    const ground = JSON.stringify([bug.sweep.scenario, bug.given]);
    const other = widest.get(ground);
    if (!other || other.sweep.seeds < bug.sweep.seeds) widest.set(ground, bug);
  }
  return [...widest.values()].map(({ given = [], sweep: { scenario, seeds } }) =>
    huntWith(given, scenario, Math.min(seeds, most)),
  );
}

function huntWith(edits: readonly Edit[], scenario: string, seeds: number, hint?: number): Hunt {
  const { sweep } = loadWith(edits, 'sweep') as typeof sweeping;
  return { scenario, seeds, found: sweep(scenario, seeds, hint) };
}
