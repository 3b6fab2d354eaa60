import type { Random } from '@jbstore/core';

import { streamOf } from './chance';
import type { Action } from './plan';

/** Who and what there is to choose from. */
export interface Cast {
  readonly nodes: readonly string[];
  readonly clients: readonly string[];
  readonly keys: readonly string[];
}

/** Where a process of the scenario begins. */
export interface Beginning {
  readonly seed: string;
  /** Its place among the others: its chance follows from it. */
  readonly path: readonly number[];
  readonly startMs: number;
  readonly cast: Cast;
}

export interface Raised {
  readonly actions: readonly Action[];
  /** When the last of them is raised. */
  readonly endMs: number;
}

/**
 * A stochastic process, in the sense of the scenarios of Kompics (Arad, Dowling, Haridi 2012): raises
 * actions, one after the other, with times between them that are drawn.
 */
export type Raising = (beginning: Beginning) => Raised;

/** Draws the time until the next action, in milliseconds. */
export type Interval = (random: Random) => number;

/** Draws what is raised at `atMs`: an action, or several that belong together. */
export type Draw = (random: Random, atMs: number, cast: Cast) => Action | readonly Action[];

/** `count` times what `draw` says, each `every` so long after the one before. */
export function raise(count: number, draw: Draw, every: Interval): Raising {
  return ({ seed, path, startMs, cast }) => {
    const random = streamOf(seed, 'raise', ...path);
    const actions: Action[] = [];
    let atMs = startMs;
    for (let index = 0; index < count; index += 1) {
      atMs += every(random);
      const raised = draw(random, atMs, cast);
      if ('kind' in raised) actions.push(raised);
      else actions.push(...raised);
    }
    return { actions, endMs: atMs };
  };
}

/** All of them, beginning at once. It ends with the last. */
export function together(...raisings: readonly Raising[]): Raising {
  return (beginning) => {
    const raised = raisings.map((raising, index) => raising(below(beginning, index)));
    return {
      actions: raised.flatMap(({ actions }) => actions),
      endMs: Math.max(beginning.startMs, ...raised.map(({ endMs }) => endMs)),
    };
  };
}

/** One after the other: each begins when the one before has raised its last action. */
export function inSequence(...raisings: readonly Raising[]): Raising {
  return (beginning) => {
    let { startMs } = beginning;
    const actions: Action[] = [];
    raisings.forEach((raising, index) => {
      const raised = raising({ ...below(beginning, index), startMs });
      actions.push(...raised.actions);
      startMs = raised.endMs;
    });
    return { actions, endMs: startMs };
  };
}

/** Nothing for `ms` milliseconds. */
export function pause(ms: number): Raising {
  return ({ startMs }) => ({ actions: [], endMs: startMs + ms });
}

/** In some runs `raising`, with this chance, and in the others nothing (Groce and others 2012). */
export function perhaps(chance: number, raising: Raising): Raising {
  return (beginning) => {
    const { seed, path, startMs } = beginning;
    const random = streamOf(seed, 'perhaps', ...path);
    if (random.float() >= chance) return { actions: [], endMs: startMs };
    return raising(below(beginning, 0));
  };
}

/** Between `least` and `most` times what `draw` says; how often is drawn once for a run. */
export function raiseSome(least: number, most: number, draw: Draw, every: Interval): Raising {
  return (beginning) => {
    const random = streamOf(beginning.seed, 'some', ...beginning.path);
    return raise(least + random.int(most - least + 1), draw, every)(beginning);
  };
}

export function constant(ms: number): Interval {
  return () => ms;
}

export function uniform(leastMs: number, mostMs: number): Interval {
  return (random) => leastMs + random.float() * (mostMs - leastMs);
}

/** As calls come that know nothing of one another (a Poisson process). */
export function exponential(meanMs: number): Interval {
  return (random) => -meanMs * Math.log(1 - random.float());
}

function below(beginning: Beginning, index: number): Beginning {
  return { ...beginning, path: [...beginning.path, index] };
}
