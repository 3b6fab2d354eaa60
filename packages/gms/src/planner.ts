import { changed, type Change } from './changes';
import { councilOf } from './council';
import type { Knowledge } from './knowledge';
import { targetGroups } from './placement';
import { remainingMembers } from './remaining';
import { runsOf, slotStatesOf, type SlotState } from './runs';
import {
  canBeMerged,
  hasMajority,
  isSameGroup,
  leadOfNext,
  mostNewMembers,
  nextGroup,
} from './slot-step';
import type { View } from './view';
import { endsEra, epochOf, type Run } from './view-fields';

/** How fast the groups follow the tokens. */
export interface Pace {
  /** How many slots may be on the move at once, which bounds the bytes in flight. */
  readonly mostMoving: number;
  /** Slots that are to get a new epoch with the group that they have, so that tombstones go. */
  readonly refresh?: ReadonlySet<number>;
}

/**
 * The view that may follow `view` (V1): with these changes, and with its groups a step nearer to its tokens.
 * Undefined if nothing is to be done, or nothing can be done now; or ever, as there is no number for it.
 */
export function nextView(
  view: View,
  changes: readonly Change[],
  knowledge: Knowledge,
  pace: Pace,
): View | undefined {
  if (endsEra(view)) return undefined;
  const planned = changes.reduce<View>(changed, view);
  const step = stepTowards(planned, knowledge, pace);
  const runs = step ?? view.runs;
  const members = remainingMembers(planned, runs, knowledge);
  const isIdle = !step && changes.length === 0 && members.length === view.members.length;
  if (isIdle && members.every((member, place) => member === view.members[place])) return undefined;
  const council = councilOf(view.council, members, knowledge.suspected);
  return { ...planned, number: view.number + 1, members, council, runs };
}

/**
 * The runs of the view after `view`: as many groups as may move are a step nearer to the tokens. Tokens and
 * members of `view` are what they are to be. Undefined if no group is to move, or none can now.
 */
function stepTowards(view: View, knowledge: Knowledge, pace: Pace): Run[] | undefined {
  const slots = slotStatesOf(view.runs);
  const targets = targetGroups(view.tokens, view.replication, view.slotCount);
  const leaving = view.members.filter(({ state }) => state === 'leaving');
  const limits: Limits = {
    ...knowledge,
    ...pace,
    mostNew: mostNewMembers(view.replication),
    leaving: new Set(leaving.map(({ index }) => index)),
  };
  const steps = slots
    .map((from, slot) => stepOf(slot, from, targets[slot] ?? [], limits))
    .filter((step) => step !== undefined);
  const moves = steps.filter(({ urgency }) => urgency !== Urgency.samePlace);
  const chosen = (moves.length > 0 ? moves : steps)
    .sort((one, other) => one.urgency - other.urgency)
    .slice(0, Math.max(0, pace.mostMoving - movingOf(slots, knowledge)));
  if (chosen.length === 0) return undefined;
  const epoch = epochOf(view) + 1;
  for (const { slot, from, group } of chosen) {
    const lead = leadOfNext(group, from.group);
    slots[slot] = { epoch, group, lead, previous: { epoch: from.epoch, group: from.group } };
  }
  return runsOf(slots);
}

/** What goes first. */
enum Urgency {
  /** A group loses somebody who is suspected. */
  repair,
  move,
  /** The group stays as it is: only its epoch, and perhaps its lead, are new. */
  samePlace,
}

/** A slot that may change now, and the group that it would get. */
interface Step {
  readonly slot: number;
  readonly urgency: Urgency;
  readonly from: SlotState;
  readonly group: readonly number[];
}

/** What bears upon each slot alike. */
interface Limits extends Knowledge, Pace {
  readonly mostNew: number;
  readonly leaving: ReadonlySet<number>;
}

function stepOf(
  slot: number,
  from: SlotState,
  target: readonly number[],
  { settled, suspected, leaving, mostNew, refresh }: Limits,
): Step | undefined {
  const isStuck = !settled(slot) || !hasMajority(from.group, suspected); // V3, V7
  if (isStuck) return undefined;
  const group = nextGroup(from.group, target, mostNew, suspected, leaving);
  if (!hasMajority(group, suspected)) return undefined; // V7
  if (!isSameGroup(group, from.group)) {
    const goes = (member: number): boolean => suspected.has(member) && !group.includes(member);
    const urgency = from.group.some(goes) ? Urgency.repair : Urgency.move;
    return { slot, urgency, from, group };
  }
  const lead = leadOfNext(group, from.group);
  const isLedByAnother = lead !== from.lead && isSameGroup(group, target);
  const isDue = (refresh?.has(slot) ?? false) || isLedByAnother;
  return isDue && !suspected.has(lead)
    ? { slot, urgency: Urgency.samePlace, from, group }
    : undefined;
}

/** How many slots are on the move. One that has lost a majority is stuck, and holds up no others. */
function movingOf(slots: readonly SlotState[], { settled, suspected }: Knowledge): number {
  return slots.filter(
    ({ group, previous }, slot) =>
      !settled(slot) &&
      hasMajority(group, suspected) &&
      (!previous || canBeMerged(previous, suspected)),
  ).length;
}
