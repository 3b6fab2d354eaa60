import { type SlotEpoch } from '@jbstore/gms/port';

import { type Figures } from './figures';
import { type Pruning } from './pruning';
import { type Entry } from './slots';

/** A look goes through so many records, or one slot: in some milliseconds. The next one goes on behind that. */
const mostRecords = 16_384;

/** Looks, among the slots that this process leads, for those whose tombstones are worth another epoch (8.2). */
export class Collector {
  readonly #fewest: number;
  readonly #figures: Figures;
  /** Where it goes on. */
  #place = 0;

  /** @param fewest - a slot with fewer tombstones than that is left alone, until they are old */
  constructor(fewest: number, figures: Figures) {
    this.#fewest = fewest;
    this.#figures = figures;
  }

  /** The slots of which a new epoch is wanted, each time until it has begun: whoever is asked may forget it. */
  look(entries: readonly Entry[], pruning: Pruning): readonly SlotEpoch[] {
    let records = 0;
    for (let count = 0; count < entries.length && records < mostRecords; count += 1) {
      this.#place = (this.#place + 1) % entries.length;
      records += this.#lookAt(entries[this.#place], pruning);
    }
    const slots = entries.flatMap(({ slot }) => slot ?? []);
    this.#figures.tombstones.value = slots.reduce(
      (sum, { collection }) => sum + collection.tombstones,
      0,
    );
    return slots.flatMap(({ number, seat, collection }) =>
      collection.isDue ? [{ slot: number, epoch: seat.epoch }] : [],
    );
  }

  /** Of a slot that is not settled the tombstones are still brought together; and the view may not change it (V3). */
  #lookAt(entry: Entry | undefined, pruning: Pruning): number {
    const slot = entry?.slot;
    if (!slot?.leads || !slot.isSettled || !slot.acceptor.synced) return 0;
    const records = slot.collection.look(pruning, this.#fewest);
    if (records > 0 && slot.collection.isDue) this.#figures.refreshes.add();
    return records;
  }
}
