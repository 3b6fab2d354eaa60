import { never } from './part';

/**
 * The operations that have not taken effect, in the order of their calls: a list of those that returned and one
 * of those that are pending. What leaves comes back to its place at once, if those that left after it came back
 * before it (the dancing links of Knuth, used so by Lowe).
 */
export class Waiting {
  readonly #returns: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  /** @param returns - the rank of the return of each, {@link never} for what is pending */
  constructor(returns: Int32Array) {
    const count = returns.length;
    this.#returns = returns;
    // After the operations come the two heads, each both before the first and after the last of its list.
    this.#next = new Int32Array(count + 2);
    this.#previous = new Int32Array(count + 2);
    const last = [count, count + 1];
    for (let operation = 0; operation < count; operation += 1) {
      const list = this.isPending(operation) ? 1 : 0;
      const previous = last[list] ?? count;
      this.#next[previous] = operation;
      this.#previous[operation] = previous;
      last[list] = operation;
    }
    last.forEach((operation, list) => {
      this.#next[operation] = count + list;
      this.#previous[count + list] = operation;
    });
  }

  isPending(operation: number): boolean {
    return this.#returns[operation] === never;
  }

  /** The first of its list; the number of operations, or more, if there is none. So with all below. */
  get firstReturning(): number {
    return this.after(this.#returns.length);
  }

  get firstPending(): number {
    return this.after(this.#returns.length + 1);
  }

  after(operation: number): number {
    return this.#next[operation] ?? this.#returns.length;
  }

  leave(operation: number): void {
    const previous = this.#previous[operation] ?? 0;
    const next = this.#next[operation] ?? 0;
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  comeBack(operation: number): void {
    this.#next[this.#previous[operation] ?? 0] = operation;
    this.#previous[this.#next[operation] ?? 0] = operation;
  }
}
