import {
  addressOf,
  canBeMerged,
  hasMajority,
  runOf,
  targetGroups,
  type View,
} from '@jbstore/gms/port';

/** Who is there, and in which epoch each slot is known to be settled. */
interface Processes {
  readonly settled: ReadonlyMap<number, number>;
  withAddress(self: string): { readonly alive: boolean } | undefined;
}

/** What there is of a cluster that has this view, and what that could still do. */
export class Health {
  readonly view: View;
  readonly #population: Processes;

  constructor(view: View, population: Processes) {
    this.view = view;
    this.#population = population;
  }

  /** A majority of the council is there. */
  get isGoverned(): boolean {
    return this.#hasMajority(this.view.council);
  }

  /** A majority of all is there that is needed for this slot. */
  isAble(slot: number): boolean {
    const { group, previous } = runOf(this.view, slot);
    if (!this.#hasMajority(group)) return false;
    if (this.#isSettled(slot) || !previous) return true;
    return canBeMerged(previous, this.#deadOf(previous.group));
  }

  /** No slot has lost a majority. */
  get isWhole(): boolean {
    return this.#slots.every((slot) => this.isAble(slot));
  }

  /** Slots that could be settled, and are not known to be. */
  *unsettled(): Generator<string> {
    for (const slot of this.#slots) {
      if (this.isAble(slot) && !this.#isSettled(slot)) yield `the slot ${String(slot)} settles`;
    }
  }

  /** What the view is not yet, and should become; of a cluster that has lost a majority nobody knows what it can do. */
  *astray(): Generator<string> {
    if (!this.isWhole) return;
    const { tokens, replication, slotCount, members } = this.view;
    const targets = targetGroups(tokens, replication, slotCount);
    for (const slot of this.#slots) {
      const target = targets[slot] ?? [];
      const { group } = runOf(this.view, slot);
      const isThere = target.every((member) => group.includes(member));
      if (isThere && group.length === target.length) continue;
      if (target.every((member) => this.#lives(member))) {
        yield `the slot ${String(slot)} is with ${group.join()} instead of ${target.join()}`;
      }
    }
    const active = members.filter(({ state }) => state === 'active');
    const dead = active.filter(({ index }) => !this.#lives(index));
    const isSpared = active.length > replication && 2 * dead.length < active.length;
    // Who is to take the place of one that leaves may be dead, and nobody else there.
    const leaving = dead.length === 0 ? members.filter(({ state }) => state !== 'active') : [];
    for (const { address, state } of leaving) yield `${address} is ${state}`;
    if (isSpared) for (const { address } of dead) yield `${address} is dead, and still a member`;
  }

  get #slots(): readonly number[] {
    return Array.from({ length: this.view.slotCount }, (_, slot) => slot);
  }

  #isSettled(slot: number): boolean {
    const { epoch, previous } = runOf(this.view, slot);
    return !previous || this.#population.settled.get(slot) === epoch;
  }

  #hasMajority(members: readonly number[]): boolean {
    return hasMajority(members, this.#deadOf(members));
  }

  #deadOf(members: readonly number[]): ReadonlySet<number> {
    return new Set(members.filter((member) => !this.#lives(member)));
  }

  #lives(member: number): boolean {
    const address = addressOf(this.view, member);
    return address !== undefined && this.#population.withAddress(address)?.alive === true;
  }
}
