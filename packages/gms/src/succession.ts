import type { Address } from '@jbstore/network/port';

import { sparesOf, type Change } from './changes';
import type { Knowledge } from './knowledge';
import { endpointOf, type View } from './view';
import type { Member } from './view-fields';

/** Who wants to come, first come, first served, and who is to go. */
export interface Applications {
  readonly joiners: readonly Address[];
  readonly leaving: ReadonlySet<number>;
  /** Who is to be replaced, and the `host:port` of the process by which. */
  readonly successors: ReadonlyMap<number, string>;
}

/**
 * Which change of the members is due (section 5.6 of the design), one for each view:
 *
 * - Who joins from the place of a member that is suspected takes its place: that one is dead.
 * - Who is to succeed another one takes the place of that, when it joins or if it is a member already.
 * - Who joins else takes the place of one that is given up, if there is any; if there is one that may be given up
 *   soon, the joiner waits for that. So a cluster that lost a member and gets another moves no more than it must.
 * - Who is given up and nobody replaces is let go only if that leaves δ members, as there is nothing to
 *   gain otherwise; and while half of the members are suspected nobody is, as then it is the network.
 */
export function changeDue(
  view: View,
  { joiners, leaving, successors }: Applications,
  { suspected, givenUp }: Knowledge,
): Change | undefined {
  const active = view.members.filter(({ state }) => state === 'active');
  const lost = active.find(({ index }) => givenUp.has(index));
  const doubtful = active.some(({ index }) => suspected.has(index));
  for (const joiner of joiners) {
    const place = active.find(({ address }) => endpointOf(address) === endpointOf(joiner));
    if (place && !suspected.has(place.index)) continue;
    const former = active.find(({ index }) => successors.get(index) === endpointOf(joiner));
    const leaver = place ?? former ?? lost;
    if (leaver) return { kind: 'replace', member: leaver.index, by: joiner };
    if (!doubtful) return { kind: 'join', address: joiner };
  }
  for (const { index: member } of active) {
    const heir = active.find(({ address }) => endpointOf(address) === successors.get(member));
    if (heir) return { kind: 'leave', member, heir: heir.index };
  }
  const mostSuspected = active.filter(({ index }) => suspected.has(index)).length * 2;
  if (lost && mostSuspected < active.length) return departureOf(view, lost, active.length);
  const leaver = active.find(({ index }) => leaving.has(index));
  return leaver && departureOf(view, leaver, active.length);
}

function departureOf(view: View, { index }: Member, active: number): Change | undefined {
  const heir = sparesOf(view).find((spare) => spare.index !== index)?.index;
  if (heir !== undefined) return { kind: 'leave', member: index, heir };
  return active > view.replication ? { kind: 'leave', member: index } : undefined;
}
