/** After so many deletions, and twice as many as there are entries, the entries are moved into a new map. */
const leastTurnover = 1_024;

/**
 * A `Map` that entries may come into and go from for ever.
 *
 * One of the language makes a new table whenever what was deleted has filled the old one, which then refers to the new
 * one. Once one of them has become old to the collector of garbage, it keeps alive all that follow, and with them
 * everything that was ever in the map, until the next full collection: what lives for a millisecond is moved about as
 * if it were to stay. Here no chain of tables becomes long.
 */
export class TurnoverMap<K, V> {
  #map = new Map<K, V>();
  #deletions = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /** Returns false if there was none. */
  delete(key: K): boolean {
    if (!this.#map.delete(key)) return false;
    this.#deletions += 1;
    if (this.#deletions >= Math.max(leastTurnover, 2 * this.#map.size)) {
      this.#map = new Map(this.#map);
      this.#deletions = 0;
    }
    return true;
  }

  /** In the order in which they were first set. */
  values(): IterableIterator<V> {
    return this.#map.values();
  }

  clear(): void {
    this.#map = new Map();
    this.#deletions = 0;
  }
}
