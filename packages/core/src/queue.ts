/** A first-in first-out queue in a ring that doubles when full; made when first used. */
export class Queue<T> {
  #ring: (T | undefined)[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length += 1;
  }

  /** Removes and returns the oldest item; undefined if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length -= 1;
    return item;
  }

  /** Exchanges the oldest item with the one that `index` others are before. */
  promote(index: number): void {
    const ring = this.#ring;
    const other = (this.#head + index) & (ring.length - 1);
    [ring[this.#head], ring[other]] = [ring[other], ring[this.#head]];
  }

  #grow(): void {
    this.#ring = unrolled(this.#ring, this.#head, Math.max(8, this.#ring.length * 2));
    this.#head = 0;
  }
}

/** The full ring `items`, from `head` on, at the start of a longer one. */
export function unrolled<T>(
  items: readonly T[],
  head: number,
  capacity: number,
): (T | undefined)[] {
  const ring = new Array<T | undefined>(capacity);
  for (let index = 0; index < items.length; index += 1) {
    ring[index] = items[(head + index) & (items.length - 1)];
  }
  return ring;
}
