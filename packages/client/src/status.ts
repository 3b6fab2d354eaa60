import { loadOf, type Load, type Member, type View } from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';

import type { Progress, Surveyed } from './port';

/** One member of the view, as a client sees it. */
export interface NodeStatus {
  readonly address: Address;
  readonly state: Member['state'];
  /** How many slots of the ring it leads, and of how many it holds the keys. */
  readonly slots: Load;
  /** Some other member thinks that it has crashed. */
  readonly suspected: boolean;
  /** It has answered in time; only then the following are known. */
  readonly reachable: boolean;
  /** The keys of which it holds a copy. */
  readonly keys?: number;
  /** The bytes of those keys, with 16 for the position of each, and of their values. */
  readonly bytes?: number;
}

export interface StoreStatus {
  readonly view: View;
  readonly suspected: readonly Address[];
  /** How far the cluster is with changes; undefined if no leader has answered in time. */
  readonly progress: Progress | undefined;
  readonly nodes: readonly NodeStatus[];
}

/** What a survey found of the members of `view`. */
export function statusOf(
  view: View,
  suspected: readonly Address[],
  { holdings, progress }: Surveyed,
): StoreStatus {
  const nodes = view.members.map(({ address, state, index }): NodeStatus => {
    const holding = holdings.get(address);
    const node = {
      address,
      state,
      slots: loadOf(view, index),
      suspected: suspected.includes(address),
      reachable: holding !== undefined,
    };
    return holding ? { ...node, keys: holding.registers, bytes: holding.bytes } : node;
  });
  return { view, suspected, progress, nodes };
}
