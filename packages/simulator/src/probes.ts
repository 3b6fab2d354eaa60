import type { Outcome } from './outcome';
import type { SimulatedProcess } from './simulated-process';

/** Rare paths that the figures of components tell of: the name of the figure, and of one label. */
const figures = {
  'a read imposed what it found': ['register.imposedReads'],
  'a phase was repeated': ['register.retransmissions'],
  'a stray reply did not count': ['register.strayReplies'],
  'an outsider asked a register': ['register.outsiders'],
  'a node refused as it had no view': ['store.refusals', 'no view'],
  'a node refused as it lacked a majority': ['store.refusals', 'unavailable'],
  'a node gave a put up': ['store.refusals', 'outcome unknown'],
  'a suspicion was taken back': ['epfd.restores'],
  'a node was refused by a complete cluster': ['gms.refusals', 'cluster-complete'],
  'a node was refused in the place of a member': ['gms.refusals', 'stranger'],
} as const satisfies Readonly<Record<string, readonly [figure: string, label?: string]>>;

/** Rare paths that the simulator sees itself. */
const seen = [
  'a put failed with its outcome unknown',
  'a put was surely not performed',
  'a request went to a second member',
  'a node died with requests on their way',
  'a node died before there was a view',
  'a session was lost',
  'a message of a dead process arrived',
  'a message came again, a second later',
  'a process of another cluster was refused',
] as const;

type FigureProbe = keyof typeof figures;

/** The name of a rare path. */
export type ProbeName = FigureProbe | (typeof seen)[number];

const figureProbes: ReadonlyMap<string, readonly [figure: string, label?: string]> = new Map(
  Object.entries(figures),
);

/** The rare paths that a sweep of seeds must have taken, or it has not looked everywhere. */
export const probeNames: readonly string[] = [...figureProbes.keys(), ...seen];

/** How often each was taken: what was counted on the way, and what the figures of `processes` say. */
export function probesOf(
  counted: ReadonlyMap<ProbeName, number>,
  processes: readonly SimulatedProcess[],
): Readonly<Record<string, number>> {
  const probes = new Map<string, number>(probeNames.map((name) => [name, 0]));
  for (const [name, count] of counted) probes.set(name, count);
  const all = processes.flatMap(({ system }) => system.counters());
  for (const [name, [figure, label]] of figureProbes) {
    const fitting = all.filter(
      (one) => one.name === figure && (!label || Object.values(one.labels).includes(label)),
    );
    probes.set(
      name,
      fitting.reduce((sum, { value }) => sum + value, 0),
    );
  }
  return Object.fromEntries(probes);
}

/** The rare paths that none of these runs took. */
export function pathsNotTaken(outcomes: readonly Pick<Outcome, 'probes'>[]): readonly string[] {
  return probeNames.filter((name) => outcomes.every(({ probes }) => !probes[name]));
}
