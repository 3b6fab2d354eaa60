import type { PortEvent } from '@jbstore/core';

import type { History } from './history';
import type { Matcher } from './matcher';
import type { Place } from './site';

/** An event, or a fault, that has to come. */
export interface Expectation {
  readonly kind: 'expectation';
  readonly place: Place;
  readonly matcher: Matcher;
  /** Answers the event that came; set if it is to be answered. */
  readonly answer?: (event: PortEvent, history: History) => void;
}

/** Something that the script does. */
export interface Action {
  readonly kind: 'action';
  readonly place: Place;
  readonly text: string;
  perform(history: History): void;
}

/** What becomes of an event that may come within a block at any time. */
export interface Rule {
  readonly kind: 'allow' | 'disallow' | 'drop';
  readonly place: Place;
  readonly matcher: Matcher;
}

/** Steps in order, once, `times` times, or any number of times. */
export interface Block {
  readonly kind: 'block';
  readonly place: Place;
  readonly times: number | 'any';
  readonly rules: readonly Rule[];
  /** What comes within each round, at any time. */
  readonly awaited: readonly Expectation[];
  readonly body: readonly Step[];
}

/** One of several blocks. */
interface Choice {
  readonly kind: 'choice';
  readonly place: Place;
  readonly branches: readonly Block[];
}

export type Step = Expectation | Action | Block | Choice;

/** An action that can be reached in `steps` before any event comes. */
export function firstAction(steps: readonly Step[]): Action | undefined {
  for (const step of steps) {
    if (step.kind === 'action') return step;
    const action = blocksOf(step)
      .map(({ body }) => firstAction(body))
      .find((found) => found !== undefined);
    if (action) return action;
    if (!canBeEmpty(step)) return undefined;
  }
  return undefined;
}

/** The last that happens in `block` can be something that the script does. */
export function endsInAction({ body }: Block): boolean {
  const last = body.at(-1);
  return last?.kind === 'action' || (last !== undefined && blocksOf(last).some(endsInAction));
}

function canBeEmpty(step: Step): boolean {
  if (step.kind === 'expectation' || step.kind === 'action') return false;
  if (step.kind === 'choice') return step.branches.some(canBeEmpty);
  const { times, awaited, body } = step;
  return times === 'any' || times === 0 || (awaited.length === 0 && body.every(canBeEmpty));
}

/** The blocks with one of which `step` can begin. */
function blocksOf(step: Step): readonly Block[] {
  if (step.kind === 'block') return step.times === 0 ? [] : [step];
  return step.kind === 'choice' ? step.branches : [];
}
