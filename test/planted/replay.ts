import type { Operation } from '@jbstore/linearizability';

import type { Bug } from './bug';
import { findingOf } from './calls';
import type { Edit } from './edit';
import { loadWith } from './plant';
import type * as world from './world';

/** What came of a schedule. */
export interface Replay {
  /** `linearizable`, or what was found wrong. */
  readonly finding: string;
  readonly history: readonly Operation[];
}

/** The world of our sources as they are. */
let soundWorld: typeof world | undefined;

/** Plays the schedule of `bug` on our sources: with the bug `planted` in them, or without. */
export function replay(bug: Bug, planted: boolean): Replay {
  const { World } = worldWith([...(bug.given ?? []), ...(planted ? bug.edits : [])]);
  const stage = new World(bug.world);
  const fault = brokenInvariant(() => {
    bug.schedule(stage, stage.hand);
  });
  const history = stage.calls.history();
  return { finding: fault ?? findingOf(history, stage.answersDemanded), history };
}

function worldWith(edits: readonly Edit[]): typeof world {
  if (edits.length > 0) return loadWith(edits, 'world') as typeof world;
  return (soundWorld ??= loadWith([], 'world') as typeof world);
}

/** The invariant that does not hold while `run` runs. */
function brokenInvariant(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && cause.name === 'InvariantViolation') return cause.message;
    throw error;
  }
}
