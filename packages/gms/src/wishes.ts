import type { Address } from '@jbstore/network/port';

import type { ChangeWish } from './messages';
import { indexOf, membersByIndex, runOf } from './slots';
import type { SlotEpoch } from './stretch';
import { endpointOf, type View } from './view';

/** What is asked for and not done. It is forgotten with the leader, and asked for again. */
export class Wishes {
  /** Rises when more is asked for. */
  version = 0;
  /** Who wants to be a member, and when it asked last. */
  readonly #joiners = new Map<Address, number>();
  /** Who is to leave. */
  readonly #leaving = new Set<number>();
  /** Who is to leave its tokens to the process that listens at this `host:port`. */
  readonly #successors = new Map<number, string>();
  /** Slots that are to have a new epoch with the same group, and which they had when that was asked. */
  readonly #refresh = new Map<number, number>();
  /** The same, of those who are gathered until {@link #gatheredMs}, so that one view serves them all. */
  readonly #gathering = new Map<number, number>();
  #gatheredMs = 0;

  /** Who has asked since `sinceMs`, first come, first served. */
  joiners(sinceMs: number): readonly Address[] {
    return [...this.#joiners].flatMap(([joiner, askedMs]) => (askedMs >= sinceMs ? [joiner] : []));
  }

  get leaving(): ReadonlySet<number> {
    return this.#leaving;
  }

  get successors(): ReadonlyMap<number, string> {
    return this.#successors;
  }

  get refresh(): ReadonlySet<number> {
    return new Set(this.#refresh.keys());
  }

  join(joiner: Address, nowMs: number): void {
    this.#joiners.set(joiner, nowMs);
  }

  /** An operator asks for `change`, which nothing stands against in `view`. */
  take(view: View, change: Exclude<ChangeWish, { kind: 'force' }>): void {
    this.version += 1;
    switch (change.kind) {
      case 'leave':
        for (const member of activeAt(view, change.endpoint)) this.#leaving.add(member);
        break;
      case 'replace':
        for (const member of activeAt(view, change.endpoint)) {
          this.#successors.set(member, change.by);
        }
        break;
      case 'refresh':
        for (const slot of change.slots) {
          if (!this.#refresh.has(slot)) this.#refresh.set(slot, runOf(view, slot).epoch);
        }
    }
  }

  /**
   * Their leads ask for new epochs of these slots. Of a slot that has another epoch by now this is a copy that came late,
   * and was done.
   *
   * @param untilMs - when the others have asked as well, if these are the first
   */
  gather(view: View, slots: Iterable<SlotEpoch>, untilMs: number): void {
    if (this.#gathering.size === 0) this.#gatheredMs = untilMs;
    for (const { slot, epoch } of slots) {
      if (slot >= view.slotCount || this.#refresh.has(slot)) continue;
      if (runOf(view, slot).epoch === epoch) this.#gathering.set(slot, epoch);
    }
  }

  /** What was gathered for long enough is to be done. */
  tick(nowMs: number): void {
    if (this.#gathering.size === 0 || nowMs < this.#gatheredMs) return;
    this.version += 1;
    for (const [slot, epoch] of this.#gathering) this.#refresh.set(slot, epoch);
    this.#gathering.clear();
  }

  /** What `view` has done is asked for no more. */
  install(view: View): void {
    const members = membersByIndex(view);
    for (const joiner of [...this.#joiners.keys()]) {
      if (indexOf(view, joiner) !== undefined) this.#joiners.delete(joiner);
    }
    for (const member of [...this.#leaving, ...this.#successors.keys()]) {
      if (members.get(member)?.state === 'active') continue;
      this.#leaving.delete(member);
      this.#successors.delete(member);
    }
    for (const refresh of [this.#refresh, this.#gathering]) {
      for (const [slot, epoch] of [...refresh]) {
        if (runOf(view, slot).epoch > epoch) refresh.delete(slot);
      }
    }
  }
}

function activeAt(view: View, endpoint: string): readonly number[] {
  return view.members.flatMap(({ index, address, state }) =>
    state === 'active' && endpointOf(address) === endpoint ? [index] : [],
  );
}
