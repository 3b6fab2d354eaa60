import type { Interval } from './operation';
import type { Part } from './part';

/**
 * Gives each operation a number that no other has which is under way at the same time, as small as can be. A
 * bit of that number tells it from all that can be there with it.
 */
export function slotsOf({ operations, calls, returns, byReturn }: Part<Interval>): {
  readonly slots: Int32Array;
  readonly count: number;
} {
  const slots = new Int32Array(operations.length);
  const free: number[] = [];
  let count = 0;
  let returned = 0;
  for (let operation = 0; operation < operations.length; operation += 1) {
    const call = calls[operation] ?? 0;
    for (; isBefore(returns[byReturn[returned] ?? -1], call); returned += 1) {
      free.push(slots[byReturn[returned] ?? 0] ?? 0);
    }
    const reused = free.pop();
    slots[operation] = reused ?? count;
    if (reused === undefined) count += 1;
  }
  return { slots, count };
}

function isBefore(rank: number | undefined, call: number): boolean {
  return rank !== undefined && rank < call;
}
