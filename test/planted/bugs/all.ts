import type { Bug } from '../bug';
import { countingBugs } from './counting';
import { onceBugs } from './once';
import { readingBugs } from './reading';
import { retryingBugs } from './retrying';
import { writingBugs } from './writing';

/** Every bug there is: the classic ones by their numbers, then the others. */
export const bugs: readonly Bug[] = [
  ...writingBugs,
  ...readingBugs,
  ...countingBugs,
  ...retryingBugs,
  ...onceBugs,
].sort((one, other) => placeOf(one).localeCompare(placeOf(other)));

function placeOf({ name }: Bug): string {
  return `${name.startsWith('T') ? 'first' : 'later'} ${name}`;
}
