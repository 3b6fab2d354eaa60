import { Address, message } from '@jbstore/network/port';
import { z } from 'zod';

import { Stretches } from './stretch';
import { View } from './view';
import { mostSlots } from './position';
import { Epoch, RegisterKind, Replication, mostMembers } from './view-fields';

/** A client, or whoever wants to know, asks for the view. */
export class ViewRequest extends message('gms/ViewRequest', {
  /** Answer again whenever the view or the suspicions change. */
  follow: z.boolean(),
  /** The epoch of the view that it has; 0 if it has none. */
  known: z.int().nonnegative(),
}) {}

/** The view, and which of its members the answering one suspects, in the order of the view. */
export class ViewReply extends message('gms/ViewReply', {
  view: View,
  suspected: z.array(Address).max(mostMembers),
}) {}

/** The same for a client that knows the view of this epoch, or a newer one: a view is large. */
export class SuspicionsReply extends message('gms/SuspicionsReply', {
  epoch: Epoch,
  suspected: z.array(Address).max(mostMembers),
}) {}

/** There is no view yet. */
export class NoView extends message('gms/NoView', {
  /** For people: `2 of 3 nodes have joined; waiting for 1 more`. */
  waitingFor: z.string(),
}) {}

/** Why a process does not become a member. */
export const JoinRefusalCode = z.enum([
  /** The view has all its members. */
  'cluster-complete',
  /** A member listened at this host and port, but it was another process. */
  'stranger',
  /** A first node has taken the place of a member of a cluster that is alive. */
  'cluster-lives',
  /** Another cluster answers at the address to join. */
  'foreign-cluster',
  /** Another version of the protocol is spoken at the address to join. */
  'protocol-version',
  /** The number of nodes, the replication, the register or the cluster differ. */
  'other-settings',
  /** The joiner is not reached at the address which it gave. */
  'wrong-address',
  /** Who was asked is no first node. */
  'not-first',
  /** Another process with the same host and port has joined in the meantime. */
  'replaced',
  /** The first node ended and another process has taken its place, before there was a view. */
  'first-node-restarted',
  /** The network at the address to join does not let this process in. */
  'refused',
]);
export type JoinRefusalCode = z.infer<typeof JoinRefusalCode>;

/** What all nodes of a cluster must have been started with alike. */
export const Settings = z.object({
  clusterId: z.string().min(1).max(256),
  /** N: how many processes make up the group. */
  nodes: z.int().positive().max(mostMembers),
  replication: Replication,
  register: RegisterKind,
});
export type Settings = z.infer<typeof Settings>;

/** A process wants to become a member. Repeated until there is a view or a refusal. */
export class Join extends message('gms/Join', {
  /** What the joiner takes for its address; who it is, the network says. */
  address: Address,
  settings: Settings,
  /** It has heard of the first node, binds itself to it, and so is no ghost of a former life. */
  bound: z.boolean(),
}) {}

/** The first node's answer to a join while it waits for others. */
export class JoinAccepted extends message('gms/JoinAccepted', {
  /** How many nodes have joined, the first one included. */
  joined: z.int().positive(),
}) {}

/** The answer to a join which is in vain, and what a process hears that took a member's place. */
export class JoinRefusal extends message('gms/JoinRefused', {
  code: JoinRefusalCode,
  text: z.string(),
}) {}

/** The answer of a cluster that has a view: it means to take the joiner in. */
export class JoinNoted extends message('gms/JoinNoted', {
  /** For people: what the joiner waits for. */
  text: z.string(),
}) {}

/** The first node tells who its group is. Repeated until there is a view. */
export class Found extends message('gms/Found', {
  /** The first node is the first of them. */
  members: z.array(Address).min(1).max(mostMembers),
}) {}

/** There is this view: the destination may not know yet. */
export class Install extends message('gms/Install', { view: View }) {}

/** The sender has this view, and tells those whom it watches. It is also told on heartbeats. */
export class Installed extends message('gms/Installed', { epoch: Epoch }) {}

const stretches = Stretches;

/**
 * A member tells the leader where it is synced, until that is {@link Settled}. Who was in the group before, and is not
 * now, says so too: its word does not count, but it hears when it may forget what it held.
 */
export class Synced extends message('gms/Synced', { stretches }) {}

/** The leader tells which slots are settled. */
export class Settled extends message('gms/Settled', { stretches }) {}

/**
 * Who leads these slots tells the leader that they would lose many tombstones with another epoch. Repeated until they have
 * one: of a slot that has another epoch already, nothing is asked.
 */
export class RefreshDue extends message('gms/RefreshDue', { stretches }) {}

/** What an operator may ask for. */
export const ChangeWish = z.discriminatedUnion('kind', [
  /** The member that listens at this `host:port` is to give away what it holds, and leave. */
  z.object({ kind: z.literal('leave'), endpoint: z.string().max(300) }),
  /** It is to leave, and the process that listens at `by` to inherit its tokens; that one joins by itself. */
  z.object({
    kind: z.literal('replace'),
    endpoint: z.string().max(300),
    by: z.string().max(300),
  }),
  /** These slots are to have a new epoch with the same group, so that tombstones can be collected. */
  z.object({ kind: z.literal('refresh'), slots: z.array(z.int().nonnegative()).max(mostSlots) }),
  /** The members that listen there are lost for good, and the others are to go on with what they have. */
  z.object({
    kind: z.literal('force'),
    lost: z.array(z.string().max(300)).min(1).max(mostMembers),
    /** Slots of which nobody else has anything may begin empty. */
    beginEmpty: z.boolean(),
  }),
]);
export type ChangeWish = z.infer<typeof ChangeWish>;

/** An operator gives up members: how is it with the others? */
export class Survey extends message('gms/Survey', { id: z.int().nonnegative() }) {}

/** What a member knows that has a view. */
export class SurveyReply extends message('gms/SurveyReply', {
  id: z.int().nonnegative(),
  /** Of the view that it has. */
  epoch: Epoch,
  /** Whom it suspects, by their indices in that view. */
  suspected: z.array(z.int().positive()).max(mostMembers),
  /** The slots that it knows to be settled. */
  settled: stretches,
}) {}

/** An operator asks any member for a change, and that one the leader. */
export class ChangeRequest extends message('gms/ChangeRequest', {
  id: z.int().nonnegative(),
  /** Who is to be answered, if that is not the sender. */
  client: Address.nullable(),
  change: ChangeWish,
}) {}

export const ChangeVerdict = z.enum([
  /** The leader means to do it, and forgets it when it leads no longer: so ask again until it is done. */
  'accepted',
  /** It cannot be done. */
  'refused',
  /** Nobody leads now: ask again. */
  'not now',
]);
export type ChangeVerdict = z.infer<typeof ChangeVerdict>;

export class ChangeReply extends message('gms/ChangeReply', {
  id: z.int().nonnegative(),
  verdict: ChangeVerdict,
  /** For people. */
  text: z.string(),
}) {}

/** How far is the cluster with what it changes? */
export class ProgressRequest extends message('gms/ProgressRequest', {
  id: z.int().nonnegative(),
}) {}

/** What a member knows of it. */
export class ProgressReply extends message('gms/ProgressReply', {
  id: z.int().nonnegative(),
  /** Of the view that it has; 0 if it has none. */
  epoch: z.int().nonnegative(),
  /** If it leads: in how many slots the group has changed and is not settled yet. */
  unsettled: z.int().nonnegative().nullable(),
}) {}
