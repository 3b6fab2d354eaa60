import { Random } from '@jbstore/core';
import { firstView, loadOf, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';

/** By how much more than on average the most loaded node has to do. */
export interface Balance {
  /** The most slots that a node holds, over the mean. */
  readonly holds: number;
  /** The same of the slots that it leads. */
  readonly leads: number;
}

/** Members of a cluster at so many places of one host, in the order of the view. */
export function addressesOf(nodes: number): readonly Address[] {
  return Array.from({ length: nodes }, (_, place) =>
    Address.parse(`n${place}@10.0.0.1:${7_100 + place}`),
  );
}

/** How evenly slots, and so keys, are spread over so many nodes: by the even split, or by tokens that a seed draws. */
export function balanceOf(
  nodes: number,
  ring?: { readonly tokensPerMember: number; readonly seed: string },
): Balance {
  const view = firstView(
    { clusterId: 'balance', replication: 3, register: 'exactly-once' },
    addressesOf(nodes),
    ring && { tokensPerMember: ring.tokensPerMember, random: new Random(ring.seed) },
  );
  const loads = loadsOf(view);
  return {
    holds: mostOverMean(loads.map(({ holds }) => holds)),
    leads: mostOverMean(loads.map(({ leads }) => leads)),
  };
}

function loadsOf(view: View): readonly ReturnType<typeof loadOf>[] {
  return view.members.map(({ index }) => loadOf(view, index));
}

function mostOverMean(figures: readonly number[]): number {
  const sum = figures.reduce((before, figure) => before + figure, 0);
  return (Math.max(...figures) * figures.length) / sum;
}
