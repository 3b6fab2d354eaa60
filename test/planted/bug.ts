import type { Edit } from './edit';
import type { Hand } from './hand';
import type { World, WorldOptions } from './world';

/** A mistake that somebody could make in our sources, and a schedule under which it shows. */
export interface Bug {
  readonly name: string;
  readonly about: string;
  readonly edits: readonly Edit[];
  /** What is changed besides, and is no mistake by itself: the sound run has it too. */
  readonly given?: readonly Edit[];
  readonly world?: WorldOptions;
  readonly schedule: (world: World, hand: Hand) => void;
  /** What is found if the bug is there: `not linearizable`, or which invariant does not hold. */
  readonly finding: string;
  readonly sweep: Sweep;
}

/** A random sweep that finds a bug. */
interface Sweep {
  /** One of the scenarios in `focuses.ts`. */
  readonly scenario: string;
  /** It is found within so many seeds, from 1 on. */
  readonly seeds: number;
  /** The seed that found it last, if that is not an early one: tests try it first, and the others if it fails to. */
  readonly hint?: number;
  /** What is found: one of these, each as a {@link Bug.finding}, or `stuck`. */
  readonly findings: readonly string[];
}

/** Which of these is found first depends on the seed. */
export const either = ['not linearizable', 'one timestamp has one value'];
