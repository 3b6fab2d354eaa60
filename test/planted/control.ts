import type { Edit } from './edit';
import type { Finder } from './finders';
import type { Schedule } from './schedule';

/** A rule of the protocol (sections 4 and 5 of its design) that is left out, or one of the classic traps. */
export interface Control {
  readonly name: string;
  /** What is done instead. */
  readonly about: string;
  readonly edits: readonly Edit[];
  /** What finds it. Default: `churn`. */
  readonly by?: Finder;
  /** It is found within so many seeds, from 1 on; or within so many runs of a schedule. */
  readonly seeds: number;
  /** The seed that found it last, if that is not an early one: tests try it first, and the others if it fails to. */
  readonly hint?: number;
  /** What is found: one of these. */
  readonly findings: readonly string[];
  /** Made for it: without the rule its history is not linearizable, and with the rule nothing is wrong. */
  readonly schedule?: Schedule;
}
