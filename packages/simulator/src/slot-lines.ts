import { epochOf, eraOf, runOf, type View } from '@jbstore/gms/port';

/** With this epoch all slots begin. */
const firstLine = 1;

/**
 * The lines of slots: in one, what is chosen is a single chain. A slot has one, until an operator forces it: the epoch that
 * begins with what was left, or with nothing, begins another line. What the lines before it had may be missing there.
 */
export class SlotLines {
  /** By slot: the epochs that began another line, rising. */
  readonly #forced = new Map<number, number[]>();
  #newest = 0;

  learn(view: View): void {
    const epoch = epochOf(view);
    if (view.era === 0 || epoch <= this.#newest) return;
    this.#newest = epoch;
    for (let slot = 0; slot < view.slotCount; slot += 1) {
      const run = runOf(view, slot);
      const beginsEmpty = !run.previous && eraOf(run.epoch) > 0;
      if (run.previous?.forced || beginsEmpty) this.#begin(slot, run.epoch);
    }
  }

  /** The epoch that began the line to which `epoch` belongs. */
  lineOf(slot: number, epoch: number): number {
    return this.#forced.get(slot)?.findLast((first) => first <= epoch) ?? firstLine;
  }

  /** How often the slot was forced in eras up to this one. */
  forcesUntil(slot: number, era: number): number {
    return this.#forced.get(slot)?.filter((first) => eraOf(first) <= era).length ?? 0;
  }

  #begin(slot: number, epoch: number): void {
    const known = this.#forced.get(slot) ?? [];
    this.#forced.set(slot, known);
    if (!known.includes(epoch)) known.push(epoch);
  }
}
