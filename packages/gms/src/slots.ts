import { invariant } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { slotAt, startOfSlot } from './position';
import type { View } from './view';
import type { Member, Run } from './view-fields';

/** A part of the ring and who holds the keys in it: a run of slots, with positions and addresses. */
export interface Range {
  /** The first position of the range. */
  readonly start: string;
  /** The first position behind the range; undefined for the last one. */
  readonly end: string | undefined;
  readonly run: Run;
  /** In the order of the group. */
  readonly group: readonly Address[];
  readonly lead: Address;
}

/** What is looked up in a view for each request; made once per view. */
interface Lookup {
  readonly members: ReadonlyMap<number, Member>;
  readonly indices: ReadonlyMap<Address, number>;
  readonly ranges: readonly Range[];
  /** For each slot the range in which it lies. */
  readonly bySlot: readonly Range[];
}

/** In which slot `position` lies. */
export function slotOf(view: View, position: string): number {
  return slotAt(view.slotCount, position);
}

/** Who holds the keys at `position`, in the order of the group. One array per run, made once. */
export function groupOf(view: View, position: string): readonly Address[] {
  return rangeOf(view, position).group;
}

/** Who held the keys at `position` in the epoch before, of those that are listed; nobody, if there was none. */
export function formerGroupOf(view: View, position: string): readonly Address[] {
  const { previous } = rangeOf(view, position).run;
  return previous?.group.flatMap((index) => addressOf(view, index) ?? []) ?? [];
}

/** The member that leads the slot in which `position` lies: the best one to ask. */
export function leadOf(view: View, position: string): Address {
  return rangeOf(view, position).lead;
}

/** The range in which `position` lies. */
export function rangeOf(view: View, position: string): Range {
  return at(lookupOf(view), slotOf(view, position));
}

/** The ranges of `view` from the beginning of the ring to its end. */
export function rangesOf(view: View): readonly Range[] {
  return lookupOf(view).ranges;
}

/** The run in which `slot` lies. */
export function runOf(view: View, slot: number): Run {
  return at(lookupOf(view), slot).run;
}

/** How much of the ring a member has to do with, in slots. */
export interface Load {
  readonly leads: number;
  readonly holds: number;
}

/** How many slots the member `index` leads, and how many it holds. */
export function loadOf({ runs }: View, index: number): Load {
  const slotsOf = (those: readonly Run[]): number => those.reduce((sum, run) => sum + run.slots, 0);
  return {
    leads: slotsOf(runs.filter(({ lead }) => lead === index)),
    holds: slotsOf(runs.filter(({ group }) => group.includes(index))),
  };
}

/** The members of `view`, found by their index. */
export function membersByIndex(view: View): ReadonlyMap<number, Member> {
  return lookupOf(view).members;
}

/** The address of the member `index`; undefined if none that is listed has it. */
export function addressOf(view: View, index: number): Address | undefined {
  return membersByIndex(view).get(index)?.address;
}

/** The index of the member at `address`; undefined if that is none. */
export function indexOf(view: View, address: Address): number | undefined {
  return lookupOf(view).indices.get(address);
}

const lookups = new WeakMap<View, Lookup>();
let lastView: View | undefined;
let lastLookup: Lookup | undefined;

function lookupOf(view: View): Lookup {
  if (view === lastView && lastLookup) return lastLookup;
  let lookup = lookups.get(view);
  if (!lookup) lookups.set(view, (lookup = made(view)));
  lastView = view;
  lastLookup = lookup;
  return lookup;
}

function at({ bySlot }: Lookup, slot: number): Range {
  const range = bySlot[slot];
  invariant(range !== undefined, 'the runs of a view cover the ring');
  return range;
}

function made({ members, runs, slotCount }: View): Lookup {
  const byIndex = new Map(members.map((member) => [member.index, member]));
  const known = (index: number): Address => {
    const member = byIndex.get(index);
    invariant(member !== undefined, 'groups are of members');
    return member.address;
  };
  const bySlot: Range[] = [];
  const ranges = runs.map((run): Range => {
    const first = bySlot.length;
    const next = first + run.slots;
    const range: Range = {
      start: startOfSlot(slotCount, first),
      end: next < slotCount ? startOfSlot(slotCount, next) : undefined,
      run,
      group: Object.freeze(run.group.map(known)),
      lead: known(run.lead),
    };
    for (let slot = first; slot < next; slot += 1) bySlot.push(range);
    return range;
  });
  const indices = new Map(members.map(({ index, address }) => [address, index]));
  return { members: byIndex, indices, ranges, bySlot };
}
