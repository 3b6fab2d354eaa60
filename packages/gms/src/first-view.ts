import { invariant, type Random } from '@jbstore/core';
import { parseAddress, type Address } from '@jbstore/network/port';

import { councilSizeOf } from './council';
import { evenTokens, ringTokens, slotCountFor, targetGroups } from './placement';
import { runsOf } from './runs';
import type { View } from './view';
import { firstEpoch, type Member } from './view-fields';

/** What is settled before there is a view. */
export interface FirstViewSettings extends Pick<View, 'clusterId' | 'replication' | 'register'> {
  /** Q; if it is not told, as many slots as the tokens need. */
  readonly slotCount?: number | undefined;
}

/** Tokens by chance, so many for each member. */
export interface RingPlacement {
  readonly tokensPerMember: number;
  readonly random: Random;
}

/**
 * The first view of these processes: the ring is split evenly, or by tokens that are drawn by chance. The first
 * of them is the founder; their order does not matter otherwise.
 */
export function firstView(
  settings: FirstViewSettings,
  addresses: readonly Address[],
  ring?: RingPlacement,
): View {
  const { clusterId, replication, register } = settings;
  const [founder] = addresses;
  invariant(founder !== undefined, 'a view has members');
  const members = [...addresses]
    .sort(compareAddresses)
    .map((address, place): Member => ({ index: place + 1, address, state: 'active' }));
  const indices = members.map(({ index }) => index);
  const slotCount =
    settings.slotCount ?? slotCountFor(members.length * (ring?.tokensPerMember ?? 1));
  const tokens = ring
    ? ringTokens(indices, ring.tokensPerMember, slotCount, ring.random)
    : evenTokens(indices, slotCount);
  const groups = targetGroups(tokens, replication, slotCount);
  return {
    clusterId,
    founder,
    era: 0,
    forces: [],
    number: 1,
    replication,
    register,
    members,
    nextIndex: members.length + 1,
    council: indices.slice(0, councilSizeOf(members.length)),
    slotCount,
    tokens,
    runs: runsOf(groups.map((group) => ({ epoch: firstEpoch, group, lead: group[0] ?? 0 }))),
  };
}

/** By host, then by port, then (never among members) by id. */
function compareAddresses(one: Address, other: Address): number {
  const first = parseAddress(one);
  const second = parseAddress(other);
  return (
    compareTexts(first.host ?? '', second.host ?? '') ||
    (first.port ?? 0) - (second.port ?? 0) ||
    compareTexts(first.id ?? '', second.id ?? '')
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
