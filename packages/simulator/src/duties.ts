import { groupOf, positionOf } from '@jbstore/gms/port';

import { castOf } from './draw-plan';
import type { OperationAction } from './plan';
import type { Population } from './population';
import type { Scenario } from './scenario';

/** What the rest of a healed cluster must still do: I16 and I17, which hold finally. */
export class Duties {
  readonly #nodes: readonly string[];
  readonly #population: Population;

  constructor(scenario: Scenario, population: Population) {
    this.#nodes = castOf(scenario).nodes;
    this.#population = population;
  }

  /** True if nothing is left. */
  get done(): boolean {
    return this.#owed.length === 0 && this.#wrongSuspicions.length === 0;
  }

  /** What is left, for people. */
  get left(): readonly string[] {
    const owed = this.#owed.map(
      ({ client, operation, key }) => `${operation} of ${key} by ${client}`,
    );
    return [...owed, ...this.#wrongSuspicions];
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
  get #owed(): readonly OperationAction[] {
    const known = new Map<string, boolean>();
    const isIncluded = ({ key }: OperationAction): boolean => {
      const included = known.get(key) ?? this.includes(key);
      known.set(key, included);
      return included;
    };
    const customers = [...this.#population.customers.values()];
    return customers.flatMap(({ pending }) => pending.filter(isIncluded));
  }

  /** Who is dead is suspected by all, and nobody else is. */
  get #wrongSuspicions(): readonly string[] {
    return this.#population.living.flatMap(({ self, view, suspected }) =>
      (view?.members ?? []).flatMap(({ address }) => {
        const dead = this.#population.withAddress(address)?.alive !== true;
        if (suspected.has(address) === dead) return [];
        return [`${self} ${dead ? 'does not suspect' : 'suspects'} ${address}`];
      }),
    );
  }
}
