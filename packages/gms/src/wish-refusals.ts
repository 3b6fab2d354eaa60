import { sparesOf } from './changes';
import type { ChangeWish } from './messages';
import { endpointOf, type View } from './view';
import type { Wishes } from './wishes';

/** What an operator is told who asks for a change of a cluster that keeps its first view. */
export function staticRefusal({ register }: View): string {
  return register === 'exactly-once'
    ? 'the members of this cluster stay the same'
    : `the members of a cluster of ${register} registers stay the same: only one whose registers are exactly-once can change`;
}

/** Why what an operator asks for is not done, and what to do instead; undefined if it is done. */
export function refusalOfWish(
  view: View,
  change: Exclude<ChangeWish, { kind: 'force' }>,
  wishes: Pick<Wishes, 'leaving' | 'successors'>,
): string | undefined {
  switch (change.kind) {
    case 'leave':
      return (
        refusalOfMember(view, change.endpoint) ??
        refusalOfHeir(view, change.endpoint, wishes) ??
        refusalOfLeave(view, change.endpoint, wishes)
      );
    case 'replace':
      if (change.by === change.endpoint) {
        return `a process that joins from ${change.by} takes the place of the one that was there by itself, when that is suspected`;
      }
      return (
        refusalOfMember(view, change.endpoint) ??
        refusalOfSuccessor(view, change.endpoint, change.by, wishes)
      );
    case 'refresh': {
      const isKnown = change.slots.every((slot) => slot < view.slotCount);
      return isKnown ? undefined : `slots are numbered from 0 to ${view.slotCount - 1}`;
    }
  }
}

function refusalOfMember({ members }: View, endpoint: string): string | undefined {
  const there = members.filter(({ address }) => endpointOf(address) === endpoint);
  // Who is leaving is doing what is asked for.
  if (there.some(({ state }) => state !== 'evicted')) return undefined;
  const others = members.filter(({ state }) => state === 'active');
  const list = others.map(({ address }) => endpointOf(address)).join(', ');
  return `${endpoint} is no member: they are ${list}`;
}

/**
 * Who is leaving may have to wait for others itself, and takes no place before it has left and come again. A member of its
 * own that takes the place of another one makes the members fewer, as a leave does.
 */
function refusalOfSuccessor(
  view: View,
  endpoint: string,
  by: string,
  wishes: Pick<Wishes, 'leaving'>,
): string | undefined {
  const member = view.members.find(({ address }) => endpointOf(address) === by);
  if (!member) return undefined;
  if (member.state === 'leaving' || wishes.leaving.has(member.index)) {
    return `${by} is leaving: name another process, or ask again when it has left`;
  }
  return member.state === 'active' ? refusalOfLeave(view, endpoint, wishes) : undefined;
}

/** Who takes the place of another one does that first: if it were to leave before, that one would wait for nobody. */
function refusalOfHeir(
  { members }: View,
  endpoint: string,
  { successors }: Pick<Wishes, 'successors'>,
): string | undefined {
  const former = members.find(({ index }) => successors.get(index) === endpoint);
  if (!former) return undefined;
  return `${endpoint} is about to take the place of ${endpointOf(former.address)}: ask again when it has`;
}

/** Each key is to be on δ members, so one more than that is needed to let one go that nobody replaces. */
function refusalOfLeave(
  view: View,
  endpoint: string,
  { leaving }: Pick<Wishes, 'leaving'>,
): string | undefined {
  const active = view.members.filter(({ state }) => state === 'active');
  const staying = active.filter(
    ({ index, address }) => !leaving.has(index) && endpointOf(address) !== endpoint,
  );
  const isLeaving = active.every(({ address }) => endpointOf(address) !== endpoint);
  const isEnough = staying.length >= view.replication || sparesOf(view).length > 0;
  if (isLeaving || isEnough) return undefined;
  return `each key is to be on ${view.replication} members, and ${staying.length} would stay: let another one join first, or replace ${endpoint} by a process that is no member`;
}
