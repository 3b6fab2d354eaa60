import { Linked, LinkedList } from '@jbstore/core';

/** When something must be done about `item`: by it, that is taken back. */
export class Deadline<T> extends Linked<Deadline<T>> {
  /** Its place in the order in which deadlines were added. */
  order = 0;

  constructor(readonly item: T) {
    super();
  }
}

/**
 * What must be done in time, without a timer for each: deadlines lie in slots of time, and passing
 * time looks only at the slots that it passes.
 */
export class Deadlines<T> {
  readonly #slotMs: number;
  readonly #slots = new Map<number, LinkedList<Deadline<T>>>();
  #nowMs = 0;
  #size = 0;
  #lastOrder = 0;
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
    return this.#size;
  }

  /**
   * `item` is due when `delayMs` milliseconds have passed, and not before.
   * @param former - an earlier deadline of it, in whose place this one comes
   */
  add(item: T, delayMs: number, former?: Deadline<T>): Deadline<T> {
    this.delete(former);
    const deadline = former ?? new Deadline(item);
    const slot = Math.floor((this.#nowMs + delayMs) / this.#slotMs) + 1;
    let deadlines = this.#slots.get(slot);
    if (!deadlines) this.#slots.set(slot, (deadlines = new LinkedList()));
    deadline.order = this.#lastOrder += 1;
    deadlines.add(deadline);
    this.#size += 1;
    return deadline;
  }

  /** What it is of was done. Returns false if it was due already, or was deleted, or if there is none. */
  delete(deadline: Deadline<T> | undefined): boolean {
    if (deadline?.list?.remove(deadline) !== true) return false;
    this.#size -= 1;
    return true;
  }

  /** Everything that is not due yet, in the order in which it was added. */
  items(): readonly T[] {
    if (this.#size === 0) return [];
    const deadlines = [...this.#slots.values()].flatMap((slot) => slot.all());
    return deadlines.sort((one, other) => one.order - other.order).map(({ item }) => item);
  }

  /** Lets `ms` milliseconds pass; removes and returns what is due now, earliest first. */
  pass(ms: number): readonly T[] {
    const first = Math.floor(this.#nowMs / this.#slotMs);
    this.#nowMs += ms;
    const last = Math.floor(this.#nowMs / this.#slotMs);
    const due: T[] = [];
    for (let slot = first; slot <= last; slot += 1) {
      const deadlines = this.#slots.get(slot);
      if (!deadlines) continue;
      this.#slots.delete(slot);
      for (const deadline of deadlines.all()) {
        this.delete(deadline);
        due.push(deadline.item);
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
