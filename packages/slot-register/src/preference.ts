import { type Address } from '@jbstore/network/port';

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
