import type { Knowledge } from './knowledge';
import { slotStatesOf } from './runs';
import { canBeMerged } from './slot-step';
import type { View } from './view';
import { epochOf, type Member, type Run } from './view-fields';

/** What depends on members beside their tokens. */
export interface Roles {
  /** Who is in a group. */
  readonly serving: ReadonlySet<number>;
  /** Who is in the previous group of a slot that is not settled: the keys may have to be had from it. */
  readonly needed: ReadonlySet<number>;
  /** Who is in one of these of which too many are suspected for what it held to be had (V7). */
  readonly irreplaceable: ReadonlySet<number>;
}

/** The roles in `runs`, those of the view after the one with the epoch `installed`. */
export function rolesOf(
  runs: readonly Run[],
  installed: number,
  { settled, suspected }: Knowledge,
): Roles {
  const serving = new Set<number>();
  const needed = new Set<number>();
  const irreplaceable = new Set<number>();
  slotStatesOf(runs).forEach(({ epoch, group, previous }, slot) => {
    for (const member of group) serving.add(member);
    const isSettled = epoch <= installed && settled(slot);
    if (!previous || isSettled) return;
    for (const member of previous.group) needed.add(member);
    if (canBeMerged(previous, suspected)) return;
    for (const member of previous.group) irreplaceable.add(member);
  });
  return { serving, needed, irreplaceable };
}

/**
 * The members that the view after `view` lists, if it has these runs. Who is leaving, and in no group any more, goes (V5):
 *
 * - one that is given up is evicted, and stays listed while it is needed;
 * - one that leaves by itself goes when it is not needed any more.
 */
export function remainingMembers(
  view: View,
  runs: readonly Run[],
  knowledge: Knowledge,
): readonly Member[] {
  const { serving, needed, irreplaceable } = rolesOf(runs, epochOf(view), knowledge);
  return view.members.flatMap((member): readonly Member[] => {
    const { index, state } = member;
    if (state === 'active' || serving.has(index)) return [member];
    if (!needed.has(index)) return [];
    const isEvicted = knowledge.givenUp.has(index) && !irreplaceable.has(index);
    return [isEvicted && state === 'leaving' ? { ...member, state: 'evicted' } : member];
  });
}
