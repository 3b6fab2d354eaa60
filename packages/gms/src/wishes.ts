import type { Address } from '@jbstore/network/port';

import { indexOf, membersByIndex, runOf } from './slots';
import type { View } from './view';

/** What is asked for and not done. It is forgotten with the leader, and asked for again. */
export class Wishes {
  /** Rises when more is asked for. */
  version = 0;
  /** Who wants to be a member, and when it asked last. */
  readonly #joiners = new Map<Address, number>();
  /** Who is to leave. */
  readonly #leaving = new Set<number>();
  /** Slots that are to have a new epoch with the same group, and which they had when that was asked. */
  readonly #refresh = new Map<number, number>();

  /** Who has asked since `sinceMs`, first come, first served. */
  joiners(sinceMs: number): readonly Address[] {
    return [...this.#joiners].flatMap(([joiner, askedMs]) => (askedMs >= sinceMs ? [joiner] : []));
  }

  get leaving(): ReadonlySet<number> {
    return this.#leaving;
  }

  get refresh(): ReadonlySet<number> {
    return new Set(this.#refresh.keys());
  }

  join(joiner: Address, nowMs: number): void {
    this.#joiners.set(joiner, nowMs);
  }

  leave(member: number): void {
    this.#leaving.add(member);
    this.version += 1;
  }

  refreshSlot(slot: number, epoch: number): void {
    if (this.#refresh.has(slot)) return;
    this.#refresh.set(slot, epoch);
    this.version += 1;
  }

  /** What `view` has done is asked for no more. */
  install(view: View): void {
    const members = membersByIndex(view);
    for (const joiner of [...this.#joiners.keys()]) {
      if (indexOf(view, joiner) !== undefined) this.#joiners.delete(joiner);
    }
    for (const member of [...this.#leaving]) {
      if (members.get(member)?.state !== 'active') this.#leaving.delete(member);
    }
    for (const [slot, epoch] of [...this.#refresh]) {
      if (runOf(view, slot).epoch > epoch) this.#refresh.delete(slot);
    }
  }
}
