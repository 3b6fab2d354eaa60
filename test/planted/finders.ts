import { courseOf, endingOf, type Errand } from '../dying-coordinator';
import { churning } from './churning';
import type { Found } from './sweep';

/** What finds that a rule is left out. */
export type Finder = 'churn' | 'a dying coordinator';

const finders: Readonly<Record<Finder, (seeds: number) => Found | undefined>> = {
  churn: churning,
  'a dying coordinator': dying,
};

/** What `by` finds first within so many seeds, or runs. */
export function find(by: Finder, seeds: number): Found | undefined {
  return finders[by](seeds);
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
