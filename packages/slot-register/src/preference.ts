import { type Address } from '@jbstore/network/port';
import { including, nobodyYet, sizeOf, type MemberSet } from '@jbstore/register/port';

import { type Seat } from './slot';

/** The rank of the member that coordinates changes: the first that is not suspected here, the lead before others. */
export function preferredRank(
  { group: { members }, leadRank, ownRank }: Seat,
  suspected: ReadonlySet<Address>,
): number {
  const isAlive = (rank: number): boolean => {
    const member = members[rank];
    return rank === ownRank || (member !== undefined && !suspected.has(member));
  };
  return isAlive(leadRank) ? leadRank : members.findIndex((_, rank) => isAlive(rank));
}

/**
 * Whom a member asks first what it votes for: as many as make a majority with it, of those that are not suspected here.
 * It begins behind itself, so that each member is asked by another one. Undefined if too few are left: then all are.
 */
export function consulted(
  { group: { members, majority }, ownRank }: Seat,
  suspected: ReadonlySet<Address>,
): MemberSet | undefined {
  let set = nobodyYet;
  for (let distance = 1; distance < members.length; distance += 1) {
    const rank = (ownRank + distance) % members.length;
    const member = members[rank];
    if (member !== undefined && !suspected.has(member)) set = including(set, rank);
    if (sizeOf(set) + 1 === majority) return set;
  }
  return undefined;
}
