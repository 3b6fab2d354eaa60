import type { Member } from './view-fields';

/** More would only make deciding slower: with seven, views are decided after three crashes at once. */
export const largestCouncil = 7;

/** Of so many members how many are in the council: the largest odd number up to 7. */
export function councilSizeOf(members: number): number {
  const most = Math.min(members, largestCouncil);
  return most % 2 === 1 ? most : most - 1;
}

/**
 * Who decides the next view: active members, of the council so far as many as can stay. Whoever is suspected
 * goes first and comes last.
 */
export function councilOf(
  former: readonly number[],
  members: readonly Member[],
  suspected: ReadonlySet<number>,
): number[] {
  const active = members.filter(({ state }) => state === 'active').map(({ index }) => index);
  const rankOf = (index: number): number =>
    (former.includes(index) ? 0 : 2) + (suspected.has(index) ? 1 : 0);
  return [...active]
    .sort((one, other) => rankOf(one) - rankOf(other) || one - other)
    .slice(0, councilSizeOf(active.length))
    .sort((one, other) => one - other);
}
