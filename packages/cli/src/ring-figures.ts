import { arcsOf, loadOf, targetGroups, type View } from '@jbstore/gms/port';

import { placeOf } from './status';

/** What the ring is to one member. All but its tokens are counted in slots. */
export interface RingMember {
  readonly index: number;
  readonly place: string;
  readonly state: View['members'][number]['state'];
  readonly tokens: number;
  /** What its tokens give to it. */
  readonly owns: number;
  /** What it leads, and what it holds, by now. */
  readonly leads: number;
  readonly holds: number;
}

/** The least and the most that an owner has, as a multiple of what they have on average. */
export interface Balance {
  readonly least: number;
  readonly most: number;
}

export interface RingFigures {
  readonly members: readonly RingMember[];
  readonly owns: Balance;
  readonly holds: Balance;
  /** How many slots are not yet held by those by whom the tokens want them to be. */
  readonly misplaced: number;
}

export function figuresOf(view: View): RingFigures {
  const arcs = arcsOf(view.tokens, view.slotCount);
  const members = view.members.map(({ index, address, state }): RingMember => {
    const own = arcs.filter(({ token }) => token.member === index);
    const owns = own.reduce((sum, { slots }) => sum + slots, 0);
    const place = placeOf(address);
    return { index, place, state, tokens: own.length, owns, ...loadOf(view, index) };
  });
  const owners = members.filter(({ tokens }) => tokens > 0);
  return {
    members,
    owns: balanceOf(owners.map(({ owns }) => owns)),
    holds: balanceOf(owners.map(({ holds }) => holds)),
    misplaced: misplacedOf(view),
  };
}

function balanceOf(amounts: readonly number[]): Balance {
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
  return { least: Math.min(...amounts) / mean, most: Math.max(...amounts) / mean };
}

function misplacedOf({ tokens, replication, slotCount, runs }: View): number {
  const targets = targetGroups(tokens, replication, slotCount);
  const groups = runs.flatMap(({ slots, group }) => Array.from({ length: slots }, () => group));
  return groups.filter((group, slot) => {
    const target = targets[slot] ?? [];
    return group.length !== target.length || !group.every((member) => target.includes(member));
  }).length;
}
