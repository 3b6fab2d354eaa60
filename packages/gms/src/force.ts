import { changed, sparesOf } from './changes';
import { councilOf } from './council';
import { targetGroups } from './placement';
import { remainingMembers } from './remaining';
import { runsOf, slotStatesOf, type SlotState } from './runs';
import { canBeMerged, hasMajority, leadOfNext } from './slot-step';
import type { View } from './view';
import { epochOf } from './view-fields';

/** What goes with members that are lost for good. */
export interface Losses {
  /** Most of the council: no view can be decided any more. */
  readonly council: boolean;
  /** The slots that nobody can serve any more, though some have a part of what is in them. */
  readonly forced: readonly number[];
  /** The slots of which nobody has anything. */
  readonly gone: readonly number[];
}

/** What is to be had of a slot, if the members in `lost` are. */
interface Remains {
  /** It cannot be served any more by the usual rules. */
  readonly isStuck: boolean;
  /** Who has anything of it. */
  readonly survivors: readonly number[];
}

/**
 * What is lost with these members.
 *
 * @param settled - the slots of which what the previous group held is known to be needed no more
 */
export function lossesOf(
  { council, runs, members }: Pick<View, 'council' | 'runs' | 'members'>,
  lost: ReadonlySet<number>,
  settled: (slot: number) => boolean,
): Losses {
  const listed = new Set(members.map(({ index }) => index));
  const stuck = slotStatesOf(runs).flatMap((state, slot) => {
    const { isStuck, survivors } = remainsOf(state, lost, listed, settled(slot));
    return isStuck ? [{ slot, survivors }] : [];
  });
  const some = stuck.filter(({ survivors }) => survivors.length > 0);
  const none = stuck.filter(({ survivors }) => survivors.length === 0);
  return {
    council: !hasMajority(council, lost),
    forced: some.map(({ slot }) => slot),
    gone: none.map(({ slot }) => slot),
  };
}

/**
 * The first view of the era that an operator begins by giving up the members in `lost` (section 5.6 of the design):
 *
 * - Slots that have lost a majority, and no others, are handed to those who are to hold them by the tokens that remain.
 *   They begin with what the survivors hold, every one of them; without survivors they begin empty.
 * - Who is lost goes from the council, and from all else as one that is given up. In slots that can be served
 *   without it a member stays until the next views take it out, by the usual steps.
 */
export function forcedView(
  view: View,
  lost: ReadonlySet<number>,
  settled: (slot: number) => boolean,
  id: string,
): View {
  const era = view.era + 1;
  const number = view.number + 1;
  const planned = withoutTokensOf(lost, view);
  const targets = targetGroups(planned.tokens, view.replication, view.slotCount);
  const listed = new Set(view.members.map(({ index }) => index));
  const slots = slotStatesOf(view.runs).map((from, slot): SlotState => {
    const { isStuck, survivors } = remainsOf(from, lost, listed, settled(slot));
    if (!isStuck) return from;
    const group = targets[slot] ?? [];
    const begun = { epoch: epochOf({ era, number }), group, lead: leadOfNext(group, survivors) };
    if (survivors.length === 0) return begun;
    return { ...begun, previous: { epoch: from.epoch, group: survivors, forced: true } };
  });
  const runs = runsOf(slots);
  const members = remainingMembers(planned, runs, { settled, suspected: lost, givenUp: lost });
  const council = councilOf(view.council, members, lost);
  const forces = [...view.forces, { id, after: epochOf(view) }];
  return { ...planned, era, number, forces, members, council, runs };
}

/** Who leads the others out of their loss, if the council cannot: the first member that remains. */
export function firstSurvivor(
  { members }: View,
  lost: ReadonlySet<number>,
): View['members'][number] | undefined {
  return members.find(({ index, state }) => state === 'active' && !lost.has(index));
}

/** The lost leave, and their tokens go to spares, or to those before them. */
function withoutTokensOf(lost: ReadonlySet<number>, view: View): View {
  const leavers = view.members.filter(({ index, state }) => state === 'active' && lost.has(index));
  return leavers.reduce((rest, { index: member }) => {
    const heir = sparesOf(rest).find(({ index }) => !lost.has(index))?.index;
    return changed(rest, { kind: 'leave', member, ...(heir === undefined ? {} : { heir }) });
  }, view);
}

/** What the previous group held counts as long as the slot is not settled. */
function remainsOf(
  { group, previous }: SlotState,
  lost: ReadonlySet<number>,
  listed: ReadonlySet<number>,
  isSettled: boolean,
): Remains {
  const needed = isSettled ? undefined : previous;
  const holders = [...new Set([...group, ...(needed?.group ?? [])])];
  const gone = new Set(holders.filter((member) => lost.has(member) || !listed.has(member)));
  const isServed = hasMajority(group, gone) && (!needed || canBeMerged(needed, gone));
  return { isStuck: !isServed, survivors: holders.filter((member) => !gone.has(member)) };
}
