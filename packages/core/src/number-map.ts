const smallestCapacity = 16;
/** A table for more than these is given back when few are left, so that a burst costs nothing later. */
const mostKept = 4_096;

/** 2^32 divided by the golden ratio: numbers that follow one another are spread evenly (Knuth, volume 3, 6.4). */
const spread = 0x9e3779b1;

/**
 * What comes and goes by its number: a hash table with linear probing, in which what is deleted leaves no mark (Knuth,
 * volume 3, 6.4, Algorithm R).
 *
 * It may turn over for ever, as a {@link TurnoverMap} may, at a fraction of the cost; and has no order.
 */
export class NumberMap<T extends object> {
  #numbers = new Float64Array(smallestCapacity);
  #items = new Array<T | undefined>(smallestCapacity).fill(undefined);
  #mask = smallestCapacity - 1;
  /** Takes as many bits of a spread number as there are places. */
  #shift = Math.clz32(smallestCapacity) + 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(number: number): T | undefined {
    return this.#items[this.#find(number)];
  }

  set(number: number, item: T): void {
    let place = this.#find(number);
    if (this.#items[place] === undefined) {
      if (2 * (this.#size + 1) > this.#items.length) {
        this.#resize(2 * this.#items.length);
        place = this.#find(number);
      }
      this.#size += 1;
      this.#numbers[place] = number;
    }
    this.#items[place] = item;
  }

  /** Returns false if there was none. */
  delete(number: number): boolean {
    const place = this.#find(number);
    if (this.#items[place] === undefined) return false;
    this.#close(place);
    this.#size -= 1;
    const capacity = this.#items.length;
    if (capacity > mostKept && 16 * this.#size < capacity) this.#resize(capacity / 4);
    return true;
  }

  /** Moves what follows `gap`, and is found by way of it, so that nothing is missed. */
  #close(gap: number): void {
    let hole = gap;
    for (let place = (gap + 1) & this.#mask; ; place = (place + 1) & this.#mask) {
      const item = this.#items[place];
      if (item === undefined) break;
      const number = this.#numbers[place] ?? 0;
      const wanted = this.#wanted(number);
      if (((place - wanted) & this.#mask) < ((place - hole) & this.#mask)) continue;
      this.#items[hole] = item;
      this.#numbers[hole] = number;
      hole = place;
    }
    this.#items[hole] = undefined;
  }

  /** Where `number` is, or would be set. */
  #find(number: number): number {
    let place = this.#wanted(number);
    while (this.#items[place] !== undefined && this.#numbers[place] !== number) {
      place = (place + 1) & this.#mask;
    }
    return place;
  }

  #wanted(number: number): number {
    return Math.imul(number, spread) >>> this.#shift;
  }

  #resize(capacity: number): void {
    const numbers = this.#numbers;
    const items = this.#items;
    this.#numbers = new Float64Array(capacity);
    this.#items = new Array<T | undefined>(capacity).fill(undefined);
    this.#mask = capacity - 1;
    this.#shift = Math.clz32(capacity) + 1;
    for (const [place, item] of items.entries()) {
      if (item === undefined) continue;
      const number = numbers[place] ?? 0;
      const found = this.#find(number);
      this.#numbers[found] = number;
      this.#items[found] = item;
    }
  }
}
