import { Address, parseAddress } from '@jbstore/network/port';
import { z } from 'zod';

import { mostSlots } from './position';

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

/**
 * Which registers the members run: those that perform each request exactly once; or those of books, in a view that
 * does not change, where every member of its group may write a key, or its lead alone.
 */
export const RegisterKind = z.enum(['exactly-once', 'multi-writer', 'single-writer']);
export type RegisterKind = z.infer<typeof RegisterKind>;

/** How many members there may be in the life of a cluster: indices have 16 bits. */
export const largestIndex = 65_535;

/** Which member: given to it once, and to no other one after it. */
const MemberIndex = z.int().min(1).max(largestIndex);

/** A process that belongs to the group. */
export const Member = z.object({
  index: MemberIndex,
  address: Address.refine(isReachable, 'a member has a process id, a host and a port'),
  /**
   * One that is leaving has no tokens any more, but is in the groups from which it was not yet taken.
   * One that was evicted is in no group; it is listed as long as others may need what it held.
   */
  state: z.enum(['active', 'leaving', 'evicted']),
});
export type Member = z.infer<typeof Member>;

/** Where on the ring an arc begins that a member is to own. */
export const Token = z.object({ slot: z.int().nonnegative(), member: MemberIndex });
export type Token = z.infer<typeof Token>;

/** Members that hold the same keys, in the order of the ring. */
const Group = z.array(MemberIndex).min(1).max(largestReplication).readonly();

const eras = 2 ** 16;
const numbersPerEra = 2 ** 32;

/** An era of 16 bits and a number of 32: see {@link epochOf}. */
export const Epoch = z
  .int()
  .positive()
  .max(eras * numbersPerEra - 1);

/** That of the first view: before it nobody held anything. */
export const firstEpoch = 1;

/** Neighbouring slots which are alike. */
export const Run = z.object({
  /** How many. */
  slots: z.int().positive().max(mostSlots),
  /** Of the view that gave them this group. */
  epoch: Epoch,
  group: Group,
  /** The member that owns the lowest ballot of the epoch. */
  lead: MemberIndex,
  /** Who held the keys before; absent if nobody did. Some of them may be listed no more. */
  previous: z
    .object({
      epoch: Epoch,
      /** After a force also those who have what the epoch before that one left, so they may be many. */
      group: z.array(MemberIndex).min(1).max(mostMembers).readonly(),
      /** The operator named those who survived: all of them count, and nobody else does. */
      forced: z.boolean().optional(),
    })
    .optional(),
});
export type Run = z.infer<typeof Run>;

/** An operator has given up what was lost, whereupon another era began. */
const Force = z.object({
  /** Drawn by chance: tells the era from any other that was begun in its stead. */
  id: z.string().min(1).max(64),
  /** The epoch of the view from which it was begun. */
  after: Epoch,
});

/** How often operators have given up what was lost. */
export const Era = z
  .int()
  .nonnegative()
  .max(eras - 1);

/** The fields of a view, each for itself. */
export const ViewFields = z.object({
  clusterId: z.string().min(1).max(256),
  /** The process that gathered the first members: tells this cluster from any other of the same name. */
  founder: Address,
  era: Era,
  /** Views are numbered from 1. */
  number: z
    .int()
    .positive()
    .max(numbersPerEra - 1),
  /** What began each era but the first: kept for good, as a part of what was chosen before may be lost. */
  forces: z
    .array(Force)
    .max(eras - 1)
    .readonly(),
  replication: Replication,
  register: RegisterKind,
  /** Sorted by index. */
  members: z.array(Member).min(1).max(mostMembers).readonly(),
  /** What the next member gets. */
  nextIndex: z
    .int()
    .min(2)
    .max(largestIndex + 1),
  /** The members that decide the next view. */
  council: z.array(MemberIndex).min(1).max(7).readonly(),
  /** Q: into how many slots the ring is cut, a power of two; never changed. */
  slotCount: z.int().positive().max(mostSlots),
  /** How the ring is to be divided, sorted by slot. The groups come nearer to it view by view. */
  tokens: z.array(Token).min(1).max(mostSlots).readonly(),
  /** How it is divided, from slot 0 to the last one. */
  runs: z.array(Run).min(1).max(mostSlots).readonly(),
});
export type ViewFields = z.infer<typeof ViewFields>;

/** No view can follow `view` in its era. */
export function endsEra({ number }: Pick<ViewFields, 'number'>): boolean {
  return number === numbersPerEra - 1;
}

/** No view can be forced after `view`. */
export function isOfLastEra({ era }: Pick<ViewFields, 'era'>): boolean {
  return era === eras - 1;
}

/** The number by which the slots are fenced that this view changes: its era and number in one. */
export function epochOf({ era, number }: Pick<ViewFields, 'era' | 'number'>): number {
  return era * numbersPerEra + number;
}

/** The era in such a number. */
export function eraOf(epoch: number): number {
  return Math.floor(epoch / numbersPerEra);
}

function isReachable(address: Address): boolean {
  const { id, host } = parseAddress(address);
  return id !== undefined && host !== undefined;
}
