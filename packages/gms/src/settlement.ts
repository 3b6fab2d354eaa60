import type { SlotEpoch } from './stretch';
import { slotStatesOf } from './runs';
import type { View } from './view';

/** What is known of one slot in its epoch. */
interface Knowledge {
  readonly epoch: number;
  readonly group: readonly number[];
  /** The members that are known to be synced. */
  readonly synced: Set<number>;
  settled: boolean;
}

/**
 * Which slots are settled: those of whose group a majority is synced in the present epoch, so that what the
 * group before held is not needed any more. That is a fact for good: once settled, an epoch stays so.
 */
export class Settlement {
  /** Rises when a slot has settled. */
  version = 0;
  #slots: readonly Knowledge[] = [];

  /** A slot whose epoch is the same keeps what is known of it. One that begins without data is settled. */
  install(view: View): void {
    this.#slots = slotStatesOf(view.runs).map(({ epoch, group, previous }, slot) => {
      const known = this.#slots[slot];
      if (known?.epoch === epoch) return known;
      return { epoch, group, synced: new Set(), settled: previous === undefined };
    });
  }

  /** How many slots are not. */
  get unsettled(): number {
    return this.#slots.filter(({ settled }) => !settled).length;
  }

  isSettled(slot: number): boolean {
    return this.#slots[slot]?.settled ?? false;
  }

  /** The same in this epoch: of one that a later view began nothing is known yet. */
  isSettledIn({ slot, epoch }: SlotEpoch): boolean {
    return this.#slots[slot]?.epoch === epoch && this.isSettled(slot);
  }

  /** `member` is synced there. Returns true if that settles the slot. */
  report(member: number, { slot, epoch }: SlotEpoch): boolean {
    const known = this.#slots[slot];
    if (known?.epoch !== epoch || known.settled || !known.group.includes(member)) return false;
    known.synced.add(member);
    known.settled = known.synced.size > known.group.length / 2;
    if (known.settled) this.version += 1;
    return known.settled;
  }
}
