import { Budget, type Limits } from './budget';
import { check, type Failure, type Verdict } from './check';
import type { Model } from './model';
import { isPending, type Interval } from './operation';
import { never, partOfOperations } from './part';
import { Search } from './search';
import { smallestOf } from './smallest';

/** Why a history is not linearizable. Its operations are some of the history, in the order of their calls. */
export interface Explanation<O extends Interval> {
  /** The name of the part of the history that fails; empty if the model has no parts. */
  readonly part: string;
  /** The first operation to return that cannot take effect before it returns. */
  readonly unplaced: O;
  /** The longest part from the start that is linearizable: up to that return. What was under way is pending. */
  readonly prefix: readonly O[];
  /**
   * A sub-history that fails, and no longer does if the outcome of any one of its operations were unknown. All
   * that returned and is left out could take effect at any time after its call, or never: that would not mend
   * it. So whatever it shows is wrong in the whole. Operations in it that are pending, or are shown as such, are
   * those without which some of the others would seem not to be needed.
   */
  readonly smallest: readonly O[];
  /** False if a limit was met: then `smallest` fails as well, but may be larger than it need be. */
  readonly isSmallest: boolean;
  /** An order in which all of `smallest` but {@link unplaced} could take effect. */
  readonly order: readonly O[];
}

/** As each single check is small, it need not take much; bytes. */
const memoryOfCheckBytes = 64 * 1024 * 1024;

/**
 * Shows what is wrong with what `check` found to be not linearizable.
 * @param failure - as it was returned by `check` with the same model
 * @param limits - of time, for all of it; without one it may take many times as long as the check
 */
export function explain<O extends Interval, S>(
  failure: Failure<O>,
  model: Model<O, S>,
  limits: Limits = {},
): Explanation<O> {
  const { part, unplaced } = failure;
  const { answered, pending } = untilReturn(failure);
  const attempts = new Attempts(model, limits);
  const needed = smallestOf(answered, (kept) => {
    const others = without(answered, kept).flatMap(weakened);
    return attempts.verdictOf([...kept, ...pending, ...others]) === 'not linearizable';
  });

  const possible = [...pending, ...without(answered, needed).flatMap(weakened)];
  const showsThatAllAreNeeded = (helpers: readonly O[]): boolean =>
    needed.every((operation) => {
      const others = without(needed, [operation]);
      const attempt = [...others, ...weakened(operation), ...helpers];
      return attempts.verdictOf(attempt) === 'linearizable';
    });
  const isSmallest = attempts.areDecided && showsThatAllAreNeeded(possible);
  const helpers = isSmallest ? smallestOf(possible, showsThatAllAreNeeded) : [];

  const smallest = [...needed, ...helpers].sort(byCall);
  const others = without(smallest, [unplaced]);
  return {
    part,
    unplaced,
    prefix: [...without(answered, [unplaced]), ...weakened(unplaced), ...pending].sort(byCall),
    smallest,
    isSmallest,
    order: attempts.orderOf([...others, ...weakened(unplaced)]),
  };
}

/** What was called until the operation that cannot be placed returned, and what of it had no answer yet. */
function untilReturn<O extends Interval>({
  operations,
  unplaced,
}: Failure<O>): { readonly answered: readonly O[]; readonly pending: readonly O[] } {
  const part = partOfOperations(operations);
  const end = part.returns[part.operations.indexOf(unplaced)] ?? never;
  const called = part.operations.filter((_, index) => (part.calls[index] ?? 0) < end);
  const answered = called.filter((_, index) => (part.returns[index] ?? never) <= end);
  return { answered, pending: without(called, answered).flatMap(weakened) };
}

/** `operation` as if nobody knew its outcome. What surely changed nothing says nothing then. */
function weakened<O extends Interval>(operation: O): readonly O[] {
  if (operation.status === 'fail') return [];
  return [isPending(operation) ? operation : { ...operation, return: null, status: 'unknown' }];
}

function without<T>(items: readonly T[], gone: readonly T[]): readonly T[] {
  const set = new Set(gone);
  return items.filter((item) => !set.has(item));
}

function byCall(a: Interval, b: Interval): number {
  return a.call - b.call;
}

/** Checks of parts of a history, within what is left of a limit of time. */
class Attempts<O extends Interval, S> {
  /** False if some could not be decided. */
  areDecided = true;

  readonly #model: Model<O, S>;
  readonly #left: () => Limits;

  constructor(model: Model<O, S>, { timeoutMs, now }: Limits) {
    this.#model = model;
    const endMs = timeoutMs === undefined ? 0 : now() + timeoutMs;
    this.#left = () =>
      timeoutMs === undefined
        ? { memoryBytes: memoryOfCheckBytes }
        : { memoryBytes: memoryOfCheckBytes, timeoutMs: endMs - now(), now };
  }

  verdictOf(operations: readonly O[]): Verdict {
    const limits = this.#left();
    const isLate = limits.timeoutMs !== undefined && limits.timeoutMs <= 0;
    const verdict = isLate ? 'unknown' : check(operations, this.#model, limits).verdict;
    if (verdict === 'unknown') this.areDecided = false;
    return verdict;
  }

  orderOf(operations: readonly O[]): readonly O[] {
    const part = partOfOperations(operations);
    return new Search(part, this.#model, new Budget(this.#left())).run().order;
  }
}
