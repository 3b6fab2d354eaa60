import type { Run } from './view-fields';

/** What there is to know of one slot. */
export type SlotState = Omit<Run, 'slots'>;

/** The state of each slot from 0 on: one object per run. */
export function slotStatesOf(runs: readonly Run[]): SlotState[] {
  return runs.flatMap((run) => Array.from({ length: run.slots }, () => run));
}

/** The slots from 0 on, neighbours that are alike as one run. */
export function runsOf(slots: readonly SlotState[]): Run[] {
  const runs: Run[] = [];
  for (const { epoch, group, lead, previous } of slots) {
    const last = runs.at(-1);
    const state: SlotState = previous ? { epoch, group, lead, previous } : { epoch, group, lead };
    if (last && isSameState(last, state)) last.slots += 1;
    else runs.push({ slots: 1, ...state });
  }
  return runs;
}

/** True if nothing tells the one slot from the other. */
export function isSameState(one: SlotState, other: SlotState): boolean {
  return (
    one === other ||
    (one.epoch === other.epoch &&
      one.lead === other.lead &&
      isSameList(one.group, other.group) &&
      one.previous?.epoch === other.previous?.epoch &&
      one.previous?.forced === other.previous?.forced &&
      isSameList(one.previous?.group ?? [], other.previous?.group ?? []))
  );
}

/** True if both have the same members in the same order. */
export function isSameList(one: readonly number[], other: readonly number[]): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((item, place) => item === other[place]))
  );
}
