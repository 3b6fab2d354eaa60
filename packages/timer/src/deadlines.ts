/**
 * What must be done in time, without a timer for each: deadlines lie in slots of time, and passing
 * time looks only at the slots that it passes.
 */
export class Deadlines<T> {
  readonly #slotMs: number;
  readonly #dueSlot = new Map<T, number>();
  readonly #slots = new Map<number, Set<T>>();
  #nowMs = 0;
  /** How far into its period the last tick came. */
  #behindMs = 0;

  /** @param slotMs - how exact the deadlines are; an item is due at most so much too late */
  constructor(slotMs = 16) {
    this.#slotMs = slotMs;
  }

  /** The milliseconds that have passed. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get size(): number {
    return this.#dueSlot.size;
  }

  /** `item` is due when `delayMs` milliseconds have passed, and not before. */
  add(item: T, delayMs: number): void {
    this.delete(item);
    const slot = Math.floor((this.#nowMs + delayMs) / this.#slotMs) + 1;
    this.#dueSlot.set(item, slot);
    const items = this.#slots.get(slot);
    if (items) items.add(item);
    else this.#slots.set(slot, new Set([item]));
  }

  /** `item` was done. Returns false if it was not there, or was due already. */
  delete(item: T): boolean {
    const slot = this.#dueSlot.get(item);
    if (slot === undefined) return false;
    this.#slots.get(slot)?.delete(item);
    return this.#dueSlot.delete(item);
  }

  /** Everything that is not due yet, in the order in which it was added. */
  items(): IterableIterator<T> {
    return this.#dueSlot.keys();
  }

  /** Lets `ms` milliseconds pass; removes and returns what is due now, earliest first. */
  pass(ms: number): readonly T[] {
    const first = Math.floor(this.#nowMs / this.#slotMs);
    this.#nowMs += ms;
    const last = Math.floor(this.#nowMs / this.#slotMs);
    const due: T[] = [];
    for (let slot = first; slot <= last; slot += 1) {
      const items = this.#slots.get(slot);
      if (!items) continue;
      this.#slots.delete(slot);
      for (const item of items) {
        this.#dueSlot.delete(item);
        due.push(item);
      }
    }
    return due;
  }

  /**
   * Lets the time since the last tick pass, where a tick is a periodic timeout of `periodMs` that came
   * `lateMs` too late. The timer keeps its beat: by what one tick was late, the next comes sooner.
   */
  tick(periodMs: number, lateMs: number): readonly T[] {
    const passedMs = periodMs + lateMs - this.#behindMs;
    this.#behindMs = lateMs % periodMs;
    return this.pass(passedMs);
  }
}
