import { councilSizeOf } from './council';
import type { Knowledge } from './knowledge';
import { rolesOf, type Roles } from './remaining';
import { isSameLine } from './line';
import { isSameList, isSameState, slotStatesOf, type SlotState } from './runs';
import { hasMajority, mostNewMembers } from './slot-step';
import type { View } from './view';
import { epochOf, type Member } from './view-fields';

/**
 * Which of the rules V1 to V8 the step from the view `before` to the well-formed view `after` breaks, for
 * all that is known to the one who asks; undefined if it breaks none.
 */
export function flawOfStep(before: View, after: View, knowledge: Knowledge): string | undefined {
  return (
    flawOfNumber(before, after) ??
    flawOfMembers(before, after, knowledge) ??
    flawOfCouncil(before, after) ??
    flawOfSlots(before, after, knowledge)
  );
}

/** V1: a view follows the one that is installed. */
function flawOfNumber(before: View, after: View): string | undefined {
  const [from, to] = [before, after].map(({ era, number }) => `${era}.${number}`);
  if (after.number !== before.number + 1 || after.era !== before.era) {
    return `V1: the view ${to} does not follow ${from}`;
  }
  const isSame =
    after.clusterId === before.clusterId &&
    after.register === before.register &&
    after.replication === before.replication &&
    after.slotCount === before.slotCount &&
    isSameLine(after, before);
  return isSame ? undefined : `V1: the view ${to} changes what all views have in common`;
}

function flawOfMembers(before: View, after: View, knowledge: Knowledge): string | undefined {
  const former = new Map(before.members.map((member) => [member.index, member]));
  const later = new Map(after.members.map((member) => [member.index, member]));
  const roles = rolesOf(after.runs, epochOf(before), knowledge);
  if (after.nextIndex < before.nextIndex) return 'V6: indices are given again';
  for (const member of after.members) {
    const flaw = flawOfMember(member, former.get(member.index), before.nextIndex);
    if (flaw !== undefined) return flaw;
  }
  for (const member of before.members) {
    const flaw = flawOfLeaver(member, later.get(member.index), roles, knowledge.givenUp);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** V6: an index is given once. */
function flawOfMember(
  { index, address, state }: Member,
  former: Member | undefined,
  nextIndex: number,
): string | undefined {
  if (former) return address === former.address ? undefined : `V6: ${index} is another process`;
  if (index < nextIndex) return `V6: the index ${index} was given before`;
  return state === 'active' ? undefined : `V5: the newcomer ${index} is ${state}`;
}

/** V5: who is evicted was given up, and who is gone is needed by nobody; neither is in a group. */
function flawOfLeaver(
  { index, state: former }: Member,
  member: Member | undefined,
  { needed, irreplaceable }: Roles,
  givenUp: ReadonlySet<number>,
): string | undefined {
  const state = member?.state ?? 'gone';
  if (states.indexOf(state) < states.indexOf(former)) return `V5: ${index} was ${former}`;
  if (state === 'gone' && needed.has(index)) return `V5: ${index} is gone, and is needed`;
  if (state !== 'evicted' || former === 'evicted') return undefined;
  if (!givenUp.has(index)) return `V5: ${index} is evicted, and not given up`;
  return irreplaceable.has(index) ? `V7: ${index} is evicted, and cannot be spared` : undefined;
}

/** A member only goes on in these. */
const states = ['active', 'leaving', 'evicted', 'gone'];

function flawOfCouncil(before: View, after: View): string | undefined {
  const active = new Set(
    after.members.filter(({ state }) => state === 'active').map(({ index }) => index),
  );
  const { council } = after;
  if (council.length !== councilSizeOf(active.size)) return 'the council has another size';
  if (!council.every((index) => active.has(index))) return 'the council is not of active members';
  const kept = before.council.filter((index) => council.includes(index));
  const able = before.council.filter((index) => active.has(index));
  const isStable = kept.length === Math.min(able.length, council.length);
  return isStable ? undefined : 'the council changes without need';
}

function flawOfSlots(before: View, after: View, knowledge: Knowledge): string | undefined {
  const judge = judgeOfSlots(before, after, knowledge);
  const former = slotStatesOf(before.runs);
  for (const [slot, state] of slotStatesOf(after.runs).entries()) {
    const from = former[slot];
    if (!from || isSameState(from, state)) continue;
    const flaw = judge(slot, from, state);
    if (flaw !== undefined) return `${flaw}: slot ${slot}`;
  }
  return undefined;
}

type Judge = (slot: number, from: SlotState, to: SlotState) => string | undefined;

function judgeOfSlots(before: View, after: View, { settled, suspected }: Knowledge): Judge {
  const active = new Set(
    after.members.filter(({ state }) => state === 'active').map(({ index }) => index),
  );
  const owners = new Set(after.tokens.map(({ member }) => member));
  const wholeGroup = Math.min(after.replication, owners.size);
  const mostNew = mostNewMembers(before.replication);
  const epoch = epochOf(after);
  return (slot, from, { group, lead, previous, ...to }) => {
    const isFenced = to.epoch === epoch && previous?.epoch === from.epoch && !previous.forced;
    if (!isFenced || !isSameList(previous.group, from.group)) return 'a change is not fenced';
    const newcomers = group.filter((member) => !from.group.includes(member));
    if (newcomers.length > mostNew) return `V2: ${newcomers.length} members are new at once`;
    if (!settled(slot)) return 'V3: it was not settled';
    if (!newcomers.every((member) => active.has(member))) return 'V4: who comes is not active';
    if (group.length > wholeGroup) return 'V4: the group is too large';
    if (group.length < Math.min(wholeGroup, from.group.length)) return 'V4: the group is too small';
    if (!hasMajority(from.group, suspected)) return 'V7: most of the previous group are suspected';
    if (!hasMajority(group, suspected)) return 'V7: most of the group are suspected';
    const first = group.find((member) => from.group.includes(member)) ?? group[0];
    return lead === first ? undefined : 'V8: the lead is not the first that was there before';
  };
}
