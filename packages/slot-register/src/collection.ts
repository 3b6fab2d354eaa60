import { type FlatRecords } from './flat-records';
import { forgettable, isForgotten, type Pruning } from './pruning';

/** So large a part of the records of a slot must be collectable tombstones. */
const leastShare = 0.3;

/** After so many lifetimes of a session in one epoch a single one is enough: a day, where a session lasts an hour. */
const mostLifetimes = 24;

/** Finds out whether the tombstones of one slot, in one of its epochs, are worth another epoch (8.2). */
export class Collection {
  /** The newest generation that has asked for something here, as its lead knows. */
  newest = 0;
  /** Found once, it is so for the rest of the epoch. */
  isDue = false;
  /** What was forgotten when the epoch was looked at first. */
  #since: number | undefined;
  /** Below this generation all was forgotten when the tombstones were gone through. */
  #soughtBelow = 0;

  constructor(readonly records: FlatRecords) {}

  get tombstones(): number {
    return this.records.size - this.records.values;
  }

  /**
   * Looks again, if there may be more than the last time. Tombstones that cannot go yet do not count: another epoch would
   * leave them where they are. Returns how many records it went through.
   *
   * @param fewest - fewer tombstones than that are not worth it, until they are old
   */
  look(pruning: Pruning, fewest: number): number {
    this.#since ??= pruning.before;
    const generation = forgettable(pruning, this.newest);
    if (this.isDue || generation <= this.#soughtBelow) return 0;
    const isOld = pruning.before - this.#since >= mostLifetimes * pruning.lifetime;
    const needed = isOld ? 1 : Math.max(fewest, Math.floor(leastShare * this.records.size) + 1);
    if (this.tombstones < needed) return 0;
    this.#soughtBelow = generation;
    this.isDue = this.#collectable(generation) >= needed;
    return this.records.size;
  }

  #collectable(generation: number): number {
    let collectable = 0;
    for (const results of this.records.resultsOfTombstones()) {
      if (isForgotten(results, generation)) collectable += 1;
    }
    return collectable;
  }
}
