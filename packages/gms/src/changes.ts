import { invariant } from '@jbstore/core';
import { parseAddress, type Address } from '@jbstore/network/port';

import { withNewcomer } from './newcomer';
import { endpointOf, type View } from './view';
import { largestIndex, mostMembers, type Member, type Token } from './view-fields';

/** What is to become of the members. The groups follow step by step. */
export type Change =
  /** A process becomes a member with so many tokens: as many as the others have if not told; 0 for a spare. */
  | { readonly kind: 'join'; readonly address: Address; readonly tokens?: number }
  /** A process becomes a member in the place of another, and inherits its tokens. */
  | { readonly kind: 'replace'; readonly member: number; readonly by: Address }
  /** A member leaves: another one inherits its tokens, or else those whose tokens are before them. */
  | { readonly kind: 'leave'; readonly member: number; readonly heir?: number };

/** The part of a view that a change changes. */
export type Membership = Pick<
  View,
  'members' | 'nextIndex' | 'tokens' | 'slotCount' | 'replication'
>;

/** Why `change` cannot be made, for people; undefined if it can. */
export function refusalOfChange(view: Membership, change: Change): string | undefined {
  switch (change.kind) {
    case 'join':
      return refusalOfNewcomer(view, change.address, undefined);
    case 'replace':
      return (
        refusalOfLeaver(view, change.member) ?? refusalOfNewcomer(view, change.by, change.member)
      );
    case 'leave':
      return (
        refusalOfLeaver(view, change.member) ?? refusalOfHeir(view, change.member, change.heir)
      );
  }
}

/** `view` with the change in members and tokens, that are what it is to become, and no group changed. */
export function changed<V extends Membership>(view: V, change: Change): V {
  const refusal = refusalOfChange(view, change);
  invariant(refusal === undefined, `only changes that can be made are made: ${refusal}`);
  switch (change.kind) {
    case 'join': {
      const joined = withMember(view, change.address);
      const count = change.tokens ?? tokensPerHolder(view.tokens);
      const tokens = withNewcomer(view.tokens, view.nextIndex, count, view.slotCount);
      return { ...joined, tokens };
    }
    case 'replace':
      return withLeaver(withMember(view, change.by), change.member, view.nextIndex);
    case 'leave':
      return withLeaver(view, change.member, change.heir);
  }
}

/** The active members that own nothing: they can take the place of any other. */
export function sparesOf({ members, tokens }: Membership): Member[] {
  const owners = new Set(tokens.map(({ member }) => member));
  return members.filter(({ index, state }) => state === 'active' && !owners.has(index));
}

function tokensPerHolder(tokens: readonly Token[]): number {
  const holders = new Set(tokens.map(({ member }) => member)).size;
  return Math.max(1, Math.round(tokens.length / holders));
}

/** V6: an index is given once. */
function withMember<V extends Membership>(view: V, address: Address): V {
  const member: Member = { index: view.nextIndex, address, state: 'active' };
  return { ...view, members: [...view.members, member], nextIndex: view.nextIndex + 1 };
}

/** `leaver` leaves, and its tokens are those of `heir`; nobody's if there is none. */
function withLeaver<V extends Membership>(view: V, leaver: number, heir: number | undefined): V {
  const members = view.members.map((member): Member =>
    member.index === leaver ? { ...member, state: 'leaving' } : member,
  );
  const tokens = view.tokens.flatMap((token): readonly Token[] => {
    if (token.member !== leaver) return [token];
    return heir === undefined ? [] : [{ ...token, member: heir }];
  });
  return { ...view, members, tokens };
}

function refusalOfLeaver({ members }: Membership, leaver: number): string | undefined {
  const member = members.find(({ index }) => index === leaver);
  if (!member) return `no member has the number ${leaver}`;
  if (member.state !== 'active') return `${member.address} is leaving already`;
  return undefined;
}

function refusalOfHeir(
  { members, tokens }: Membership,
  leaver: number,
  heir: number | undefined,
): string | undefined {
  if (heir !== undefined) {
    const { state } = members.find(({ index }) => index === heir) ?? {};
    return state === 'active' && heir !== leaver ? undefined : `no member ${heir} can be its heir`;
  }
  if (tokens.some(({ member }) => member !== leaver)) return undefined;
  return 'the last member cannot leave: stop the cluster instead, or let another one join first';
}

function refusalOfNewcomer(
  { members, nextIndex }: Membership,
  address: Address,
  leaver: number | undefined,
): string | undefined {
  const { id, host } = parseAddress(address);
  if (id === undefined || host === undefined) return `${address} names no process, host and port`;
  const known = members.find((member) => member.address === address);
  if (known) return `${address} is a member already`;
  const neighbour = members.find(
    ({ index, state, ...member }) =>
      state === 'active' && index !== leaver && endpointOf(member.address) === endpointOf(address),
  );
  if (neighbour) {
    return `${neighbour.address} is a member at that host and port: replace it instead of joining beside it`;
  }
  if (members.length >= mostMembers) return `a cluster has at most ${mostMembers} members`;
  if (nextIndex > largestIndex) return `a cluster has had at most ${largestIndex} members in all`;
  return undefined;
}
