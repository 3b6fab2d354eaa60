import { Address, message } from '@jbstore/network/port';
import { z } from 'zod';

import { View } from './view';
import { RegisterKind, Replication, mostMembers } from './view-fields';

/** A client, or whoever wants to know, asks for the view. */
export class ViewRequest extends message('gms/ViewRequest', {
  /** Answer again whenever the view or the suspicions change. */
  follow: z.boolean(),
}) {}

/** The view, and which of its members the answering one suspects, in the order of the view. */
export class ViewReply extends message('gms/ViewReply', {
  view: View,
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

/** The first node tells the view. Repeated until {@link Installed}. */
export class Install extends message('gms/Install', { view: View }) {}

/** A member has the view. */
export class Installed extends message('gms/Installed', { number: z.int().positive() }) {}
