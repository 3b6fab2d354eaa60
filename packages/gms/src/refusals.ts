import type { Address } from '@jbstore/network/port';

import type { JoinRefusalCode, Settings } from './messages';
import { endpointOf, type View } from './view';

/** Why a process does not become a member, for programs and for people. */
export interface Refusal {
  readonly code: JoinRefusalCode;
  readonly text: string;
}

/** Undefined if a cluster that has `view` can take `joiner` in. */
export function newcomerRefusal(
  view: View,
  joiner: Address,
  { clusterId, register }: Settings,
  keepsFirstView: boolean,
): Refusal | undefined {
  if (clusterId !== view.clusterId) return foreignClusterRefusal(view.clusterId, clusterId);
  if (keepsFirstView) return lateJoinRefusal(view, joiner);
  if (register === view.register) return undefined;
  return {
    code: 'other-settings',
    text: `this cluster runs ${view.register} registers, not ${register}: start the node with the same`,
  };
}

/** The answer of a cluster whose view is static. */
function lateJoinRefusal(view: View, joiner: Address): Refusal {
  const endpoint = endpointOf(joiner);
  const member = view.members.find(({ address }) => endpointOf(address) === endpoint);
  return member ? strangerRefusal(member.address) : clusterCompleteRefusal(view);
}

/** The answer to a process which has taken the place of `member`. */
function strangerRefusal(member: Address): Refusal {
  return {
    code: 'stranger',
    text:
      `the member at ${endpointOf(member)} is ${member}, and a process that was restarted has lost what ` +
      'that one held. Leave it stopped, the others go on without it; or stop all nodes and start the ' +
      'cluster anew',
  };
}

/** What a process hears that answers where `member` was. It may wait there for joins for ever. */
export function clusterLivesRefusal(member: Address, others: readonly string[]): Refusal {
  return {
    code: 'cluster-lives',
    text:
      `${endpointOf(member)} was a member of a cluster that is alive, so it must not begin another one: ` +
      `start it to join ${others[0] ?? 'a member'}, or elsewhere`,
  };
}

function clusterCompleteRefusal({ members }: View): Refusal {
  const addresses = members.map(({ address }) => endpointOf(address)).join(', ');
  return {
    code: 'cluster-complete',
    text:
      `this cluster is complete, and its registers have one group for life: its ${members.length} members ` +
      `are ${addresses}`,
  };
}

function foreignClusterRefusal(ours: string, theirs: string): Refusal {
  return {
    code: 'foreign-cluster',
    text: `this is the cluster ${ours}, and you want to join ${theirs}`,
  };
}

/** Undefined if a joiner was started with the same settings as the first node. */
export function settingsRefusal(ours: Settings, theirs: Settings): Refusal | undefined {
  if (ours.clusterId !== theirs.clusterId) {
    return foreignClusterRefusal(ours.clusterId, theirs.clusterId);
  }
  const differences = [
    { name: 'nodes', our: ours.nodes, their: theirs.nodes },
    { name: 'replication', our: ours.replication, their: theirs.replication },
    { name: 'register', our: ours.register, their: theirs.register },
  ].filter(({ our, their }) => our !== their);
  if (differences.length === 0) return undefined;
  const list = differences.map(({ name, our, their }) => `${name} is ${our}, not ${their}`);
  return {
    code: 'other-settings',
    text: `this cluster has other settings: ${list.join(', ')}; start all its nodes with the same`,
  };
}

/** The answer to a joiner which others would not reach where it says. */
export function wrongAddressRefusal(given: Address, source: Address): Refusal {
  return {
    code: 'wrong-address',
    text:
      `you say that you are ${given}, but you are known as ${source}: ` +
      'a member must listen at a host and port of its own, and be reached there',
  };
}

/** The answer to a process whose successor at the same host and port has joined. */
export function replacedRefusal(joiner: Address): Refusal {
  return {
    code: 'replaced',
    text: `another process has joined from ${endpointOf(joiner)} after you: only one can be a member`,
  };
}

/** The answer of a process which itself is joining. */
export function notFirstRefusal(self: Address, first: string): Refusal {
  return {
    code: 'not-first',
    text: `${endpointOf(self)} is not the first node, it joins ${first} itself: join ${first} too`,
  };
}
