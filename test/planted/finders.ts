import type { Outcome } from '@jbstore/simulator';

import { courseOf, endingOf, type Errand } from '../dying-coordinator';
import { absencesRun } from './absences';
import { churnRun, findingOf } from './churning';
import { crowdedRun, smallChunks } from './crowded';
import { duelsRun } from './duels';
import type { Edit } from './edit';
import { awayRun } from './away';
import type { Found } from './sweep';

/** What finds that a rule is left out. */
export type Finder =
  'churn' | 'crowded slots' | 'duels' | 'absences' | 'a dying coordinator' | 'a lead that was away';

const finders: Readonly<Record<Finder, (seeds: number) => Found | undefined>> = {
  churn: (seeds) => sweeping(churnRun, seeds),
  'crowded slots': (seeds) => sweeping(crowdedRun, seeds),
  duels: (seeds) => sweeping(duelsRun, seeds),
  absences: (seeds) => sweeping(absencesRun, seeds),
  'a lead that was away': (runs) => sweeping(awayRun, runs),
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

/** What `by` finds first within so many seeds, or runs. */
export function find(by: Finder, seeds: number): Found | undefined {
  return finders[by](seeds);
}

/** Runs with the seeds from 1 on, until one fails or `seeds` of them have passed. */
function sweeping(run: (seed: string) => Outcome, seeds: number): Found | undefined {
  for (let seed = 1; seed <= seeds; seed += 1) {
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
