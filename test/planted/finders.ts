import type { Outcome } from '@jbstore/simulator';

import { courseOf, endingOf, type Errand } from '../dying-coordinator';
import { absencesRun } from './absences';
import { churnRun, findingOf } from './churning';
import { crowdedRun, smallChunks } from './crowded';
import { duelsRun } from './duels';
import type { Edit } from './edit';
import { awayRun } from './away';
import { seedsFrom, type Found } from './sweep';

/** What finds that a rule is left out. */
export type Finder =
  'churn' | 'crowded slots' | 'duels' | 'absences' | 'a dying coordinator' | 'a lead that was away';

const finders: Readonly<Record<Finder, (seeds: number, hint: number) => Found | undefined>> = {
  churn: (seeds, hint) => sweeping(churnRun, seeds, hint),
  'crowded slots': (seeds, hint) => sweeping(crowdedRun, seeds, hint),
  duels: (seeds, hint) => sweeping(duelsRun, seeds, hint),
  absences: (seeds, hint) => sweeping(absencesRun, seeds, hint),
  'a lead that was away': (runs, hint) => sweeping(awayRun, runs, hint),
  'a dying coordinator': dying,
};

/** What is changed besides, and is no mistake by itself. */
export const givenTo: Readonly<Record<Finder, readonly Edit[]>> = {
  churn: [],
  'crowded slots': [smallChunks],
  duels: [],
  absences: [],
  'a dying coordinator': [],
  'a lead that was away': [],
};

/**
 * What `by` finds within so many seeds, or runs.
 * @param hint - the seed that is tried first
 */
export function find(by: Finder, seeds: number, hint = 1): Found | undefined {
  return finders[by](seeds, hint);
}

/** Runs with the seed `hint`, and those from 1 on, until one fails or `seeds` of them have passed. */
function sweeping(run: (seed: string) => Outcome, seeds: number, hint: number): Found | undefined {
  for (const seed of seedsFrom(hint, seeds)) {
    const { verdict, failure } = run(String(seed));
    if (verdict !== 'passed') return { seed, finding: failure ? findingOf(failure) : verdict };
  }
  return undefined;
}

/** Kills the lead at one boundary after the other of an increment, which is asked of another member then. */
function dying(runs: number): Found | undefined {
  const errand: Errand = { operation: 'increment', first: 'n0', then: 'n1' };
  const { boundaries } = courseOf(errand);
  for (const [place, events] of boundaries.slice(0, runs).entries()) {
    const { failure, answered, version } = endingOf(errand, events);
    const seed = place + 1;
    if (answered === 3 && version !== 2) return { seed, finding: 'performed twice' };
    if (failure !== undefined) return { seed, finding: failure };
  }
  return undefined;
}
