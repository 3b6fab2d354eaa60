import { groupOf, positionOf } from '@jbstore/gms/port';

import { castOf } from './draw-plan';
import type { OperationAction } from './plan';
import type { Population } from './population';
import type { Scenario } from './scenario';

/**
 * What the rest of a healed cluster must still do: I16 and I17, which hold finally. What is left is looked
 * for as one goes, since mostly the first thing that is left says enough.
 */
export class Duties {
  readonly #nodes: readonly string[];
  readonly #population: Population;

  constructor(scenario: Scenario, population: Population) {
    this.#nodes = castOf(scenario).nodes;
    this.#population = population;
  }

  /** True if nothing is left. */
  get done(): boolean {
    return isEmpty(this.#owed()) && isEmpty(this.#wrongSuspicions());
  }

  /** What is left, for people. */
  get left(): readonly string[] {
    const owed = [...this.#owed()].map(
      ({ client, operation, key }) => `${operation} of ${key} by ${client}`,
    );
    return [...owed, ...this.#wrongSuspicions()];
  }

  /**
   * A majority of those who hold `key` are there, so that it can be read and written; or there is no view
   * yet, and all are there who are needed for one.
   */
  includes(key: string): boolean {
    const members = this.#population.living.filter(({ view }) => view !== undefined);
    const view = members[0]?.view;
    if (!view) return this.#nodes.every((place) => this.#population.at(place));
    const group = groupOf(view, positionOf(Buffer.from(key, 'latin1')));
    const there = group.filter((member) => members.some(({ self }) => self === member));
    return 2 * there.length > group.length;
  }

  /** What was asked for and is not done, and must be. */
  *#owed(): Generator<OperationAction> {
    const known = new Map<string, boolean>();
    for (const { pending } of this.#population.customers.values()) {
      for (const action of pending) {
        const included = known.get(action.key) ?? this.includes(action.key);
        known.set(action.key, included);
        if (included) yield action;
      }
    }
  }

  /** I16: who is dead is suspected by all, and nobody else is. */
  *#wrongSuspicions(): Generator<string> {
    for (const { self, view, suspected } of this.#population.living) {
      for (const { address } of view?.members ?? []) {
        const dead = this.#population.withAddress(address)?.alive !== true;
        if (suspected.has(address) === dead) continue;
        yield `${self} ${dead ? 'does not suspect' : 'suspects'} ${address}`;
      }
    }
  }
}

/** True if there is not even one. */
function isEmpty(items: Iterator<unknown>): boolean {
  return items.next().done === true;
}
