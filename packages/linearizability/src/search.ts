import type { Budget, Shortage } from './budget';
import { Configurations } from './configurations';
import { invariant } from './errors';
import type { Model } from './model';
import type { Interval } from './operation';
import type { Part } from './part';
import { slotsOf } from './slots';
import { none, States } from './states';
import { Waiting } from './waiting';

/** What a search found. */
export interface Found<O> {
  /** Undefined if it ran out of something first. */
  readonly linearizable: boolean | undefined;
  readonly shortage?: Shortage;
  /** Distinct configurations that it came to. */
  readonly configurations: number;
  /** An order in which all could take effect; what never did is not in it. Empty if there is none. */
  readonly order: readonly O[];
  /** As many operations, in the order of their returns, as could take effect before the next one returned. */
  readonly reached: number;
}

/** What to restore when an operation is taken back. */
interface Step {
  readonly operation: number;
  readonly frontier: number;
  readonly state: number;
  readonly before: number;
  /** False for a read that took effect by itself, after the step before it. */
  readonly chosen: boolean;
}

/**
 * Looks for an order by the search of Wing and Gong (1993), remembering each configuration that it came to
 * (Lowe 2017, Horn and Kroening 2015), and letting operations take effect just in time: only where the first
 * return that is not accounted for has not come yet (Lowe's just-in-time linearization).
 *
 * Two rules leave out what cannot matter. Each holds of some order if there is any:
 * - A read that fits takes effect at once. It changes nothing, so moving it forward hinders nobody.
 * - After a pending operation comes one that notices it, that is, which would have been impossible, or have left
 *   something else, without it. Of the orders that there are, take one with the fewest pending operations: if
 *   what follows one of them did not notice it, it could be left out.
 *
 * What follows a configuration in such an order may follow it however the search came there: what took effect is
 * the same, so the pending operations are as few. So one that was tried in vain need not be tried again, though
 * what was tried after it depends by the second rule on what came last before it.
 */
export class Search<O extends Interval, S> {
  readonly #part: Part<O>;
  readonly #states: States<O, S>;
  readonly #budget: Budget;
  readonly #configurations: Configurations;
  readonly #waiting: Waiting;
  readonly #slots: Int32Array;
  readonly #isRead: Uint8Array;
  readonly #done: Uint8Array;
  readonly #bits: Int32Array;
  readonly #steps: Step[] = [];
  #frontier = 0;
  #state: number;
  /** The state before the pending operation that took effect last, while nothing has noticed it; else none. */
  #before = none;
  #reached = 0;

  constructor(part: Part<O>, model: Model<O, S>, budget: Budget) {
    const { operations, returns } = part;
    const { slots, count } = slotsOf(part);
    const words = Math.ceil(count / 32);
    this.#part = part;
    this.#states = new States(model);
    this.#budget = budget;
    this.#configurations = new Configurations(words);
    this.#waiting = new Waiting(returns);
    this.#slots = slots;
    this.#isRead = Uint8Array.from(operations, (operation) => Number(model.reads?.(operation)));
    this.#done = new Uint8Array(operations.length);
    this.#bits = new Int32Array(words);
    this.#state = this.#states.first;
  }

  run(): Found<O> {
    this.#settle();
    let next = this.#firstCandidate();
    while (!this.#isComplete) {
      const shortage = this.#budget.shortage(this.#configurations.bytes + this.#states.bytes);
      if (shortage) return this.#found(undefined, shortage);
      if (next === none) {
        const last = this.#takeBack();
        if (last === none) return this.#found(false);
        next = this.#candidateAfter(last);
      } else {
        next = this.#tryNext(next) ? this.#firstCandidate() : this.#candidateAfter(next);
      }
    }
    return this.#found(true);
  }

  get #isComplete(): boolean {
    return this.#frontier === this.#part.byReturn.length;
  }

  /** The rank before which an operation has to be called to take effect now. */
  get #limit(): number {
    return this.#part.returns[this.#part.byReturn[this.#frontier] ?? none] ?? none;
  }

  /** First the operation that has to take effect now, then others that returned, then pending ones. */
  #firstCandidate(): number {
    return this.#waiting.firstReturning;
  }

  #candidateAfter(last: number): number {
    const { calls } = this.#part;
    const isPending = this.#waiting.isPending(last);
    const next = this.#waiting.after(last);
    if (isCalled(next, calls, this.#limit)) return next;
    if (isPending) return none;
    const pending = this.#waiting.firstPending;
    return isCalled(pending, calls, this.#limit) ? pending : none;
  }

  /** Lets `operation` take effect if that leads somewhere new. */
  #tryNext(operation: number): boolean {
    const after = this.#stepOf(this.#state, operation);
    if (after === none) return false;
    if (this.#before !== none && this.#stepOf(this.#before, operation) === after) return false;
    const stateBefore = this.#state;
    this.#perform(operation, after, true);
    this.#before = this.#waiting.isPending(operation) ? stateBefore : none;
    this.#settle();
    const isNew = this.#configurations.add({
      frontier: this.#frontier,
      state: this.#state,
      bits: this.#bits,
    });
    if (!isNew) this.#takeBack();
    return isNew;
  }

  /** Lets every read that fits take effect, and with those that are called then also those after them. */
  #settle(): void {
    const { calls } = this.#part;
    let next = this.#waiting.firstReturning;
    while (isCalled(next, calls, this.#limit)) {
      const reading = next;
      next = this.#waiting.after(next);
      if (this.#isRead[reading] !== 1) continue;
      if (this.#stepOf(this.#state, reading) !== this.#state) continue;
      this.#perform(reading, this.#state, false);
      this.#before = none;
    }
  }

  #stepOf(state: number, operation: number): number {
    const { operations } = this.#part;
    const asked = operations[operation];
    invariant(asked !== undefined, 'a candidate is an operation');
    return this.#states.step(state, asked);
  }

  #perform(operation: number, state: number, chosen: boolean): void {
    const frontier = this.#frontier;
    this.#steps.push({ operation, frontier, state: this.#state, before: this.#before, chosen });
    this.#waiting.leave(operation);
    this.#done[operation] = 1;
    this.#flip(operation);
    this.#state = state;
    const { byReturn } = this.#part;
    while (this.#frontier < byReturn.length && this.#done[byReturn[this.#frontier] ?? none] === 1) {
      this.#flip(byReturn[this.#frontier] ?? none);
      this.#frontier += 1;
    }
    if (this.#frontier > this.#reached) this.#reached = this.#frontier;
  }

  /** Undoes all since the last choice, and returns the operation chosen; {@link none} if there was none. */
  #takeBack(): number {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const { operation, frontier, state, before, chosen } = step;
      while (this.#frontier > frontier) {
        this.#frontier -= 1;
        this.#flip(this.#part.byReturn[this.#frontier] ?? none);
      }
      this.#flip(operation);
      this.#done[operation] = 0;
      this.#waiting.comeBack(operation);
      this.#state = state;
      this.#before = before;
      if (chosen) return operation;
    }
    return none;
  }

  /** Changes the bit of `operation`, which is set from when it took effect until it returned. */
  #flip(operation: number): void {
    const slot = this.#slots[operation] ?? 0;
    this.#bits[slot >> 5] = (this.#bits[slot >> 5] ?? 0) ^ (1 << (slot & 31));
  }

  #found(linearizable: boolean | undefined, shortage?: Shortage): Found<O> {
    const { operations } = this.#part;
    return {
      linearizable,
      ...(shortage && { shortage }),
      configurations: this.#configurations.size,
      order: linearizable
        ? this.#steps.flatMap(({ operation }) => operations[operation] ?? [])
        : [],
      reached: this.#reached,
    };
  }
}

/** True if there is an operation `next`, and its call comes before `limit`. */
function isCalled(next: number, calls: Int32Array, limit: number): boolean {
  return next < calls.length && (calls[next] ?? limit) < limit;
}
