import type { RegisterKind } from '@jbstore/gms/port';

import type { Outcome } from './outcome';
import type { SimulatedProcess } from './simulated-process';

/** Where rare paths are counted: the last word of the name of a figure, and one of its labels. */
type Figures = Readonly<Record<string, readonly [figure: string, label?: string]>>;

/** Rare paths that the figures of components tell of, whatever the registers. */
const figures = {
  'a read imposed what it found': ['imposedReads'],
  'a phase was repeated': ['retransmissions'],
  'a stray reply did not count': ['strayReplies'],
  'an outsider asked a register': ['outsiders'],
  'a node refused as it had no view': ['refusals', 'no view'],
  'a node refused as it lacked a majority': ['refusals', 'unavailable'],
  'a node gave a mutation up': ['refusals', 'outcome unknown'],
  'a suspicion was taken back': ['restores'],
} as const satisfies Figures;

/** Those that only a cluster takes whose view stays. */
const staticFigures = {
  'a node was refused by a complete cluster': ['refusals', 'cluster-complete'],
  'a node was refused in the place of a member': ['refusals', 'stranger'],
} as const satisfies Figures;

/** Those that only a cluster takes whose views change. */
const changingFigures = {
  'a register was merged for a request': ['merges'],
  'a slot was synchronised': ['synced'],
  'a session was over': ['refusals', 'session expired'],
} as const satisfies Figures;

/** Those that only registers take which perform each request exactly once. */
const exactlyOnceFigures = {
  'a member took a register over': ['takeovers'],
  'a higher ballot ended a round': ['refusedRounds'],
  'a read had a record settled': ['settledReads'],
  'a node handed a request on': ['forwards'],
} as const satisfies Figures;

/** Those that only a scenario demands in which that comes soon. */
const collectingFigures = {
  'tombstones were worth an epoch': ['refreshes'],
} as const satisfies Figures;

/** Rare paths that the simulator sees itself. */
const seen = [
  'a put failed with its outcome unknown',
  'a put was surely not performed',
  'a request went to a second member',
  'a node died with requests on their way',
  'a node died before there was a view',
  'a session was lost',
  'a glance came to nothing',
  'a message of a dead process arrived',
  'a message came again, a second later',
  'a process of another cluster was refused',
  'a view changed',
  'a member left',
  'a living member was evicted',
  'another era began',
] as const;

/** Of these, those that only some clusters take. */
const seenStatic: ReadonlySet<string> = new Set(['a process of another cluster was refused']);
const seenExactlyOnce = 'a glance came to nothing';
/** A scenario demands it in which an operator forces that. */
const seenForced = 'another era began';
const seenChanging: ReadonlySet<string> = new Set([
  'a view changed',
  'a member left',
  'a living member was evicted',
]);

type FigureProbe =
  | keyof typeof figures
  | keyof typeof exactlyOnceFigures
  | keyof typeof staticFigures
  | keyof typeof changingFigures
  | keyof typeof collectingFigures;

/** The name of a rare path. */
export type ProbeName = FigureProbe | (typeof seen)[number];

const figureProbes: ReadonlyMap<string, readonly [figure: string, label?: string]> = new Map(
  Object.entries({
    ...figures,
    ...exactlyOnceFigures,
    ...staticFigures,
    ...changingFigures,
    ...collectingFigures,
  }),
);

const probeNames: readonly string[] = [...figureProbes.keys(), ...seen];

/** The rare paths that a sweep of seeds must have taken, or it has not looked everywhere. */
export function probesWith(register: RegisterKind, changes = false): readonly string[] {
  return probeNames.filter((name) => {
    if (name === seenForced || name in collectingFigures) return false;
    if (name in exactlyOnceFigures || name === seenExactlyOnce) return register === 'exactly-once';
    if (name in changingFigures || seenChanging.has(name)) return changes;
    return !changes || !(name in staticFigures || seenStatic.has(name));
  });
}

/** How often each was taken: what was counted on the way, and what the figures of `processes` say. */
export function probesOf(
  names: readonly string[],
  counted: ReadonlyMap<string, number>,
  processes: readonly SimulatedProcess[],
): Readonly<Record<string, number>> {
  const all = processes.flatMap(({ system }) => system.counters());
  const countOf = ([figure, label]: readonly [figure: string, label?: string]): number =>
    all
      .filter((one) => one.name.endsWith(`.${figure}`))
      .filter(({ labels }) => !label || Object.values(labels).includes(label))
      .reduce((sum, { value }) => sum + value, 0);
  return Object.fromEntries(
    names.map((name) => {
      const place = figureProbes.get(name);
      return [name, place ? countOf(place) : (counted.get(name) ?? 0)];
    }),
  );
}

/** Those of the rare paths `demanded` that none of these runs took. */
export function pathsNotTaken(
  outcomes: readonly Pick<Outcome, 'probes'>[],
  demanded: readonly string[],
): readonly string[] {
  return demanded.filter((name) => outcomes.every(({ probes }) => !probes[name]));
}
