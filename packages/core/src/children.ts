import type { LifeState } from './life';

/** The children of a component, the eldest first. */
export class Children<C extends { readonly state: LifeState }> implements Iterable<C> {
  /** An array is lighter than a set. Those that were killed lie in it for a while. */
  #all: C[] = [];
  #killed = 0;

  get size(): number {
    return this.#all.length - this.#killed;
  }

  *[Symbol.iterator](): Iterator<C> {
    for (const child of this.#all) if (child.state !== 'killed') yield child;
  }

  /** The youngest first. */
  reversed(): readonly C[] {
    return [...this].reverse();
  }

  /** Those that were killed too, as far as they still lie here; the youngest first. */
  remains(): readonly C[] {
    return [...this.#all].reverse();
  }

  add(child: C): void {
    this.#all.push(child);
  }

  /** One more was killed. */
  forgetOne(): void {
    this.#killed += 1;
    if (2 * this.#killed > this.#all.length) this.#replace([...this]);
  }

  clear(): void {
    this.#replace([]);
  }

  #replace(all: C[]): void {
    this.#all = all;
    this.#killed = 0;
  }
}
