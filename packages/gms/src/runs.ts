import type { Run } from './view-fields';

/** What there is to know of one slot. */
type SlotState = Omit<Run, 'slots'>;

/** The slots from 0 on, neighbours that are alike as one run. */
export function runsOf(slots: readonly SlotState[]): Run[] {
  const runs: Run[] = [];
  for (const { epoch, group, lead, previous } of slots) {
    const last = runs.at(-1);
    const state: SlotState = previous ? { epoch, group, lead, previous } : { epoch, group, lead };
    if (last && isAlike(last, state)) last.slots += 1;
    else runs.push({ slots: 1, ...state });
  }
  return runs;
}

function isAlike(one: SlotState, other: SlotState): boolean {
  return (
    one.epoch === other.epoch &&
    one.lead === other.lead &&
    isSameList(one.group, other.group) &&
    one.previous?.epoch === other.previous?.epoch &&
    one.previous?.forced === other.previous?.forced &&
    isSameList(one.previous?.group ?? [], other.previous?.group ?? [])
  );
}

/** True if both have the same members in the same order. */
function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((item, place) => item === other[place]))
  );
}
