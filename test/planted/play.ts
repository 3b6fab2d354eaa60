import type { Control } from './control';
import { loadWith } from './plant';
import type * as staging from './stage';

/** What must come of a schedule: with the rule that it is made for, and without. */
export const soundly = 'linearizable';
export const missed = 'not linearizable';

/** What came of it. */
export interface Played {
  readonly sound: string;
  readonly planted: string;
}

/** Plays the schedule of `control`, if it has one: on our sources as they are, and with the rule left out. */
export function playTwice({ schedule, edits }: Control): Played | undefined {
  if (!schedule) return undefined;
  const sound = loadWith([], 'stage') as typeof staging;
  const soundFinding = sound.play(schedule, true);
  const planted = loadWith(edits, 'stage') as typeof staging;
  return { sound: soundFinding, planted: planted.play(schedule, false) };
}
