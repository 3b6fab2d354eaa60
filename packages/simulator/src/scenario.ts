import type { RegisterKind } from '@jbstore/gms/port';

import type { Raising } from './raising';

/** What is run: who there is, what is asked of them, and what befalls them. */
export interface Scenario {
  /** In lower case, with hyphens. */
  readonly name: string;
  /** For people, in one sentence. */
  readonly about: string;
  /** The nodes are at the places n0, n1, …; the first is who gathers the others. */
  readonly nodes: number;
  /** δ: how many nodes hold each key. */
  readonly replication: number;
  readonly register: RegisterKind;
  /** Views change, in this way. Default: the first one stays. */
  readonly changes?: Changes;
  /** The clients are at the places c0, c1, …. */
  readonly clients: number;
  readonly keys: readonly string[];
  /** What happens until all is healed. */
  readonly during: Raising;
  /** What is asked afterwards, and must be done. */
  readonly afterwards: Raising;
  /** What befalls messages, the order of events and clocks, drawn once for a run. */
  readonly weather: Weather;
  /** How long the healed rest may take to do all that was asked, if each request were in vain before. */
  readonly patienceMs: number;
  /** The rare paths that a sweep of many seeds must have taken. Default: none. */
  readonly demanded?: readonly string[];
}

/** How a cluster changes; and whoever ends there by itself begins again, as another process. */
export interface Changes {
  /** How long a member is suspected before it is evicted. */
  readonly graceMs: number;
  /** Into how many slots the ring is cut, a power of two. */
  readonly slotCount: number;
  /** How soon slots begin new epochs for their tombstones. Default: as in production, which is later than runs end. */
  readonly collecting?: Collecting;
}

export interface Collecting {
  /** How often nodes look for them. */
  readonly clockMs: number;
  /** So many of a slot are worth an epoch. */
  readonly fewestTombstones: number;
  /** For so long slots are gathered for one view. */
  readonly refreshMs: number;
}

/** The largest values that are drawn; each of the rates is 0 in many runs. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  readonly replay: number;
  /** The most that a message takes in a slow run. */
  readonly latencyMs: number;
}

/** Nothing goes wrong with messages. */
export const calm: Weather = { loss: 0, duplication: 0, reordering: 0, replay: 0, latencyMs: 5 };

/** Everything goes wrong with messages, in half of the runs each. */
export const stormy: Weather = {
  loss: 0.1,
  duplication: 0.2,
  reordering: 0.4,
  replay: 0.1,
  latencyMs: 20,
};
