import { invariant } from '@jbstore/core';
import { interned, type Address } from '@jbstore/network/port';

import { largestGroup } from './timestamp';

/** A set of members of a group: the bit 2^rank for each. A member that answers twice is in it once. */
export type MemberSet = number;

export const nobodyYet: MemberSet = 0;

export function including(set: MemberSet, rank: number): MemberSet {
  return set | (1 << rank);
}

export function includes(set: MemberSet, rank: number): boolean {
  return (set & (1 << rank)) !== 0;
}

/** How many members are in `set` (Warren, Hacker's Delight, 5-1). */
export function sizeOf(set: MemberSet): number {
  let bits = set - ((set >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  bits = (bits + (bits >>> 4)) & 0x0f0f0f0f;
  return Math.imul(bits, 0x01010101) >>> 24;
}

/** The processes that hold a register, as one of them, or a process outside, sees them. */
export class Group {
  /** The rank of this process; undefined if it is no member. */
  readonly ownRank: number | undefined;
  /** Any two sets of so many members have one in common. */
  readonly majority: number;

  readonly members: readonly Address[];

  constructor(members: readonly Address[], self: Address) {
    this.members = members.map(interned);
    const distinct = new Set(members).size;
    invariant(distinct === members.length, 'a process is in a group once');
    invariant(
      distinct >= 1 && distinct <= largestGroup,
      `a group has 1 to ${largestGroup} members`,
    );
    this.ownRank = this.rankOf(self);
    this.majority = Math.floor(members.length / 2) + 1;
  }

  /** The place of `process` in the group, from 0; undefined if it is no member. */
  rankOf(process: Address): number | undefined {
    // Every message is asked this: a loop learns that it compares names of the engine, which indexOf does not.
    const { members } = this;
    for (let rank = 0; rank < members.length; rank += 1) if (members[rank] === process) return rank;
    return undefined;
  }

  isMajority(set: MemberSet): boolean {
    return sizeOf(set) >= this.majority;
  }
}

/** The groups seen by one process. Askers keep one array per group, so each is looked at once. */
export class Groups {
  readonly #self: Address;
  readonly #groups = new WeakMap<readonly Address[], Group>();

  constructor(self: Address) {
    this.#self = self;
  }

  of(members: readonly Address[]): Group {
    let group = this.#groups.get(members);
    if (!group) this.#groups.set(members, (group = new Group(members, this.#self)));
    return group;
  }
}
