import { courseOf, endingOf, type Errand } from '../dying-coordinator';
import { absencesRun } from './absences';
import { churnRun, findingOf } from './churning';
import { crowdedRun, smallChunks } from './crowded';
import { duelsRun } from './duels';
import type { Edit } from './edit';
import { awayRun } from './away';
import { lossesRun } from './losses';
import { sweepOf, type Found } from './sweep';

/** What finds that a rule is left out. */
export type Finder =
  | 'churn'
  | 'crowded slots'
  | 'duels'
  | 'absences'
  | 'losses'
  | 'a dying coordinator'
  | 'a lead that was away';

const finders: Readonly<Record<Finder, (seeds: number, hint: number) => Found | undefined>> = {
  churn: (seeds, hint) => sweepOf(churnRun, findingOf, seeds, hint),
  'crowded slots': (seeds, hint) => sweepOf(crowdedRun, findingOf, seeds, hint),
  duels: (seeds, hint) => sweepOf(duelsRun, findingOf, seeds, hint),
  absences: (seeds, hint) => sweepOf(absencesRun, findingOf, seeds, hint),
  losses: (seeds, hint) => sweepOf(lossesRun, findingOf, seeds, hint),
  'a lead that was away': (runs, hint) => sweepOf(awayRun, findingOf, runs, hint),
  'a dying coordinator': dying,
};

/** What is changed besides, and is no mistake by itself. */
export const givenTo: Readonly<Record<Finder, readonly Edit[]>> = {
  churn: [],
  'crowded slots': [smallChunks],
  duels: [],
  absences: [],
  losses: [],
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
