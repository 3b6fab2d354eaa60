/**
 * How far a search has come. What took effect is told by `frontier`, the number of returned operations before
 * the first that has not, and by a bit for each of those that are under way then: all before took effect.
 */
export interface Configuration {
  readonly frontier: number;
  /** The number of the state. */
  readonly state: number;
  readonly bits: Int32Array;
}

/** Words of a record besides its bits. */
const headWords = 2;

/**
 * A set of configurations, each compared as a whole, since a search that took one for another would be wrong.
 * They lie one after the other in an array of words, with a hash table of their places (open addressing).
 */
export class Configurations {
  size = 0;
  readonly #stride: number;
  #words: Int32Array;
  /** For each slot 0, or 1 more than the number of the record. */
  #table = new Int32Array(64);

  /** @param bitWords - how many words the bits take */
  constructor(bitWords: number) {
    this.#stride = headWords + bitWords;
    this.#words = new Int32Array(32 * this.#stride);
  }

  /** The memory they take, in bytes. */
  get bytes(): number {
    return this.#words.byteLength + this.#table.byteLength;
  }

  /** False if it was in already. */
  add(configuration: Configuration): boolean {
    this.#append(configuration);
    const slot = this.#slotOf(this.size);
    if (this.#table[slot] !== 0) return false;
    this.size += 1;
    this.#table[slot] = this.size;
    if (2 * this.size > this.#table.length) this.#grow();
    return true;
  }

  /** Writes a record behind the last, where it is found to be new or written over by the next. */
  #append({ frontier, state, bits }: Configuration): void {
    const at = this.size * this.#stride;
    if (at + this.#stride > this.#words.length) {
      const more = new Int32Array(2 * this.#words.length);
      more.set(this.#words);
      this.#words = more;
    }
    this.#words[at] = frontier;
    this.#words[at + 1] = state;
    this.#words.set(bits, at + headWords);
  }

  /** The slot that holds a record equal to that of `number`, or the free one where it belongs. */
  #slotOf(number: number): number {
    const mask = this.#table.length - 1;
    const at = number * this.#stride;
    let slot = this.#hashAt(at) & mask;
    for (;;) {
      const found = this.#table[slot] ?? 0;
      if (found === 0 || this.#isEqual(at, (found - 1) * this.#stride)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #hashAt(at: number): number {
    let hash = 0;
    for (let word = at; word < at + this.#stride; word += 1) {
      hash = Math.imul(hash ^ (this.#words[word] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #isEqual(left: number, right: number): boolean {
    for (let word = 0; word < this.#stride; word += 1) {
      if (this.#words[left + word] !== this.#words[right + word]) return false;
    }
    return true;
  }

  #grow(): void {
    this.#table = new Int32Array(2 * this.#table.length);
    for (let number = 0; number < this.size; number += 1) {
      this.#table[this.#slotOf(number)] = number + 1;
    }
  }
}
