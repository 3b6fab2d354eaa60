import { invariant } from '@jbstore/core';
import { Address, parseAddress } from '@jbstore/network/port';
import { z } from 'zod';

import { positionOfHex, rangeIndexOf, rangeStartOf } from './range';

/** How many members a view may have. */
export const mostMembers = 1024;

/** The largest δ: no register has a larger group. */
export const largestReplication = 32;

/** δ: how many members hold each key. */
export const Replication = z
  .int()
  .positive()
  .max(
    largestReplication,
    `choose a replication from 1 to ${largestReplication}: no register has a larger group`,
  );

/** Which register algorithm the members run: every one may write a key, or its owner alone. */
export const RegisterKind = z.enum(['multi-writer', 'single-writer']);
export type RegisterKind = z.infer<typeof RegisterKind>;

/** A process of the group, and where the range of positions begins that it owns. */
export const Member = z.object({
  address: Address,
  /** 32 hexadecimal digits. */
  rangeStart: z.string().regex(/^[0-9a-f]{32}$/),
});
export type Member = z.infer<typeof Member>;

/** Who belongs to the group, and who holds what. The same at every member. */
export const View = z
  .object({
    clusterId: z.string().min(1).max(256),
    /** Views are numbered from 1. */
    number: z.int().positive(),
    replication: Replication,
    register: RegisterKind,
    /** Sorted by host, then by port. */
    members: z.array(Member).min(1).max(mostMembers),
  })
  .refine(
    isWellFormed,
    'members are sorted and distinct, ranges equal, and δ is at most their number',
  );
export type View = z.infer<typeof View>;

/** A part of the ring and who holds the keys in it. */
export interface Range {
  /** The first position of the range. */
  readonly start: string;
  /** The first position behind the range; undefined for the last one. */
  readonly end: string | undefined;
  readonly owner: Address;
  /** The owner and the next δ − 1 members of the view, in that order. */
  readonly group: readonly Address[];
}

/** The order of members in a view: by host, then by port, then (never among members) by id. */
function compareAddresses(one: Address, other: Address): number {
  const first = parseAddress(one);
  const second = parseAddress(other);
  return (
    compareTexts(first.host ?? '', second.host ?? '') ||
    (first.port ?? 0) - (second.port ?? 0) ||
    compareTexts(first.id ?? '', second.id ?? '')
  );
}

/** `<host>:<port>` of an address: what a process and its later lives have in common. */
export function endpointOf(address: Address): string {
  return address.slice(address.indexOf('@') + 1);
}

/** The members with the ranges they own: the ring cut into equal parts, in the order of the view. */
export function membersOf(addresses: readonly Address[]): Member[] {
  return [...addresses]
    .sort(compareAddresses)
    .map((address, index) => ({ address, rangeStart: rangeStartOf(index, addresses.length) }));
}

/** The place in the view of the member that owns `position`. */
export function ownerIndexOf(view: View, position: string): number {
  return rangeIndexOf(view.members.length, position);
}

/** The member that owns `position`. */
export function ownerOf(view: View, position: string): Address {
  return rangeOf(view, position).owner;
}

/** Who holds the keys at `position`: the owner and the next δ − 1 members. One array per range. */
export function groupOf(view: View, position: string): readonly Address[] {
  return rangeOf(view, position).group;
}

/** The range in which `position` lies. */
export function rangeOf(view: View, position: string): Range {
  const range = rangesOf(view)[ownerIndexOf(view, position)];
  invariant(range !== undefined, 'the ranges of a view cover the ring');
  return range;
}

/** True if both are one view, be they two objects. */
export function isSameView(one: View, other: View): boolean {
  return (
    one.clusterId === other.clusterId &&
    one.number === other.number &&
    one.members.length === other.members.length &&
    one.members.every(({ address }, index) => address === other.members[index]?.address)
  );
}

const rangesByView = new WeakMap<View, readonly Range[]>();
let lastView: View | undefined;
let lastRanges: readonly Range[] = [];

/** The ranges of `view` from the beginning of the ring to its end; made once per view. */
export function rangesOf(view: View): readonly Range[] {
  if (view === lastView) return lastRanges;
  let ranges = rangesByView.get(view);
  if (!ranges) rangesByView.set(view, (ranges = cut(view)));
  lastView = view;
  lastRanges = ranges;
  return ranges;
}

function cut({ members, replication }: View): readonly Range[] {
  const starts = members.map(({ rangeStart }) => positionOfHex(rangeStart));
  const twice = [...members, ...members].map(({ address }) => address);
  return members.map(({ address }, index) => ({
    start: starts[index] ?? '',
    end: starts[index + 1],
    owner: address,
    group: Object.freeze(twice.slice(index, index + replication)),
  }));
}

function isWellFormed(view: {
  readonly replication: number;
  readonly members: readonly Member[];
}): boolean {
  const { members, replication } = view;
  const endpoints = new Set(members.map(({ address }) => endpointOf(address)));
  return (
    replication <= members.length &&
    endpoints.size === members.length &&
    members.every(({ address, rangeStart }, index) => {
      const { id, host } = parseAddress(address);
      const before = members[index - 1];
      if (id === undefined || host === undefined) return false;
      if (before && compareAddresses(before.address, address) >= 0) return false;
      return rangeStart === rangeStartOf(index, members.length);
    })
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
