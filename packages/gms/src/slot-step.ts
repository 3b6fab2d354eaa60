import type { Run } from './view-fields';

/** V2: how many members may be new in a group at once. */
export function mostNewMembers(replication: number): number {
  return Math.max(1, Math.floor((replication - 1) / 2));
}

/**
 * The group that is nearest to `target` of those that may follow `current`:
 *
 * - V2: at most `mostNew` are new; of those who are suspected none, as they cannot be synced.
 * - V4: as many as the target has, if there are so many: of those who are to go some stay until others have
 *   come, who is leaving no longer than who is not, and last of all one who is suspected.
 */
export function nextGroup(
  current: readonly number[],
  target: readonly number[],
  mostNew: number,
  suspected: ReadonlySet<number>,
  leaving: ReadonlySet<number>,
): readonly number[] {
  const coming = target
    .filter((member) => !current.includes(member) && !suspected.has(member))
    .slice(0, mostNew);
  const there = target.filter((member) => current.includes(member) || coming.includes(member));
  const haste = (member: number): number =>
    (suspected.has(member) ? 2 : 0) + (leaving.has(member) ? 1 : 0);
  const going = current
    .filter((member) => !target.includes(member))
    .sort((one, other) => haste(one) - haste(other));
  return [...there, ...going.slice(0, target.length - there.length)];
}

/** V8: the first member that was in the group before, if any, so that it has what it is to hand on. */
export function leadOfNext(next: readonly number[], current: readonly number[]): number {
  const [first = 0] = next;
  return next.find((member) => current.includes(member)) ?? first;
}

/** True if most of `group` are not in `suspected`. */
export function hasMajority(group: readonly number[], suspected: ReadonlySet<number>): boolean {
  return 2 * group.filter((member) => !suspected.has(member)).length > group.length;
}

/** True if what the previous group held can be had of those who are not in `suspected`: of most, if not forced. */
export function canBeMerged(
  { group, forced }: NonNullable<Run['previous']>,
  suspected: ReadonlySet<number>,
): boolean {
  return forced ? group.every((member) => !suspected.has(member)) : hasMajority(group, suspected);
}

/** True if both groups have the same members, in whatever order. */
export function isSameGroup(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}
