import { positionOf, slotOf, type View } from '@jbstore/gms/port';

import { castOf } from './draw-plan';
import { Health } from './health';
import type { Population } from './population';
import type { Scenario } from './scenario';

/**
 * What the rest of a healed cluster must still do: I16 and I17, which hold finally. What is left is looked
 * for as one goes, since mostly the first thing that is left says enough.
 */
export class Duties {
  readonly #nodes: readonly string[];
  readonly #population: Population;
  readonly #changes: boolean;

  constructor(scenario: Scenario, population: Population) {
    this.#nodes = castOf(scenario).nodes;
    this.#population = population;
    this.#changes = scenario.changes !== undefined;
  }

  /** True if nothing is left. */
  get done(): boolean {
    return this.#all().next().done === true;
  }

  /** What is left, for people. */
  get left(): readonly string[] {
    return [...this.#all()];
  }

  /**
   * A majority of those who hold `key` are there, so that it can be read and written; or there is no view
   * yet, and all are there who are needed for one.
   */
  includes(key: string): boolean {
    const health = this.#health;
    if (!health) return this.#nodes.every((place) => this.#population.at(place));
    return health.isAble(slotOf(health.view, positionOf(Buffer.from(key, 'latin1'))));
  }

  get #health(): Health | undefined {
    const view = this.#population.newestView;
    return view && new Health(view, this.#population);
  }

  *#all(): Generator<string> {
    yield* this.#owed();
    const health = this.#health;
    yield* this.#wrongSuspicions(health?.view);
    if (health && this.#changes) yield* this.#unchanged(health);
  }

  /** What was asked for and is not done, and must be. */
  *#owed(): Generator<string> {
    const known = new Map<string, boolean>();
    for (const { pending } of this.#population.customers.values()) {
      for (const { client, operation, key } of pending) {
        const included = known.get(key) ?? this.includes(key);
        known.set(key, included);
        if (included) yield `${operation} of ${key} by ${client}`;
      }
    }
  }

  /** I16: who is dead is suspected by all whose business it is, and nobody else is. */
  *#wrongSuspicions(newest: View | undefined): Generator<string> {
    for (const { self, view, suspected } of this.#population.living) {
      const own = view?.members.find(({ address }) => address === self)?.index ?? 0;
      const watchesAll = newest?.council.includes(own) ?? false;
      for (const { address } of view?.members ?? []) {
        const dead = this.#population.withAddress(address)?.alive !== true;
        if (suspected.has(address) === dead || (dead && !watchesAll)) continue;
        yield `${self} ${dead ? 'does not suspect' : 'suspects'} ${address}`;
      }
    }
  }

  /** If a majority of the council is there: all have the last view, and what it is to become, it is. */
  *#unchanged(health: Health): Generator<string> {
    yield* this.#population.operator.leftOfForces;
    if (!health.isGoverned) return;
    const { view } = health;
    for (const { place, self, view: own } of this.#population.living) {
      if (!/^[ny]/.test(place)) continue;
      const isMember = view.members.some(({ address }) => address === self);
      if (!isMember) yield `${self} is no member`;
      else if (own?.number !== view.number) yield `${self} has the view ${String(own?.number)}`;
    }
    yield* health.unsettled();
    yield* health.astray();
    // Who held a slot that has lost a majority stays until that is forced, and with it what is to come of it.
    if (health.isWhole) yield* this.#population.operator.left;
  }
}
