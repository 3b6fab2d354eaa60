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
  /** Nobody held the slot before. */
  readonly begins: boolean;
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
      const begins = previous === undefined;
      return { epoch, group, synced: new Set(), settled: begins, begins };
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

  /** The slots that are, though somebody held them before, in the order of the ring. */
  get settledSlots(): readonly SlotEpoch[] {
    return this.#slots.flatMap(({ epoch, settled, begins }, slot) =>
      settled && !begins ? [{ slot, epoch }] : [],
    );
  }

  /** The leader has said so. */
  settle({ slot, epoch }: SlotEpoch): void {
    const known = this.#slots[slot];
    if (known?.epoch !== epoch || known.settled) return;
    known.settled = true;
    this.version += 1;
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
