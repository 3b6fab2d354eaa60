import { InvalidHistoryError } from './errors';
import { isPending, type Interval } from './operation';

/** The rank of a return that never comes. */
export const never = 0x7fffffff;

/**
 * Operations in the order of their calls, with their events numbered by time. Where times are equal calls come
 * before returns, so that operations that touch are concurrent.
 */
export interface Part<O extends Interval> {
  readonly operations: readonly O[];
  /** The rank of each call. */
  readonly calls: Int32Array;
  /** The rank of each return; {@link never} for what is pending. */
  readonly returns: Int32Array;
  /** The operations that returned, first those that returned first. */
  readonly byReturn: Int32Array;
}

/** @throws {@link InvalidHistoryError} if an operation returns before it is called */
export function partOfOperations<O extends Interval>(unordered: readonly O[]): Part<O> {
  const operations = [...unordered].sort((a, b) => a.call - b.call);
  const count = operations.length;
  const ends = new Float64Array(count);
  const returned: number[] = [];
  operations.forEach((operation, index) => {
    const end = isPending(operation) ? Infinity : (operation.return ?? Infinity);
    if (!(end >= operation.call)) {
      throw new InvalidHistoryError(operation, 'it returns before it is called');
    }
    ends[index] = end;
    if (end !== Infinity) returned.push(index);
  });
  const byReturn = Int32Array.from(returned).sort((a, b) => (ends[a] ?? 0) - (ends[b] ?? 0));

  const calls = new Int32Array(count);
  const returns = new Int32Array(count).fill(never);
  let rank = 0;
  let called = 0;
  for (const index of byReturn) {
    const end = ends[index] ?? 0;
    for (; called < count && (operations[called]?.call ?? 0) <= end; called += 1) {
      calls[called] = rank;
      rank += 1;
    }
    returns[index] = rank;
    rank += 1;
  }
  for (; called < count; called += 1) {
    calls[called] = rank;
    rank += 1;
  }
  return { operations, calls, returns, byReturn };
}
