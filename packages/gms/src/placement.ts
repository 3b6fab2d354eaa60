import { invariant, type Random } from '@jbstore/core';

import type { Token } from './view-fields';

/**
 * Q, into how many slots the ring is cut for so many tokens: from one token to the next there are four
 * slots at least on average, so that there is room for those who join later.
 */
export function slotCountFor(tokens: number): number {
  return tokens <= 256 ? 1024 : 4 * mostTokens;
}

/** How many tokens a cluster may begin with. */
export const mostTokens = 1024;

/** The even split: of N members the i-th owns the slots from ⌊i · Q / N⌋ to that of the next one. */
export function evenTokens(members: readonly number[], slotCount: number): Token[] {
  invariant(members.length <= slotCount, 'each member has a slot of its own');
  return members.map((member, place) => ({
    slot: Math.floor((place * slotCount) / members.length),
    member,
  }));
}

/** Tokens by chance, `perMember` for each member (Stoica and others, Chord, 2001, with virtual nodes). */
export function ringTokens(
  members: readonly number[],
  perMember: number,
  slotCount: number,
  random: Random,
): Token[] {
  invariant(members.length * perMember <= slotCount, 'each token has a slot of its own');
  const slots = random.shuffle(Array.from({ length: slotCount }, (_, slot) => slot));
  return members
    .flatMap((member) => slots.splice(0, perMember).map((slot) => ({ slot, member })))
    .sort(bySlot);
}

/** The order of tokens in a view. */
export function bySlot(one: Token, other: Token): number {
  return one.slot - other.slot;
}

/** The slots that a token gives to its member: from its own to the next token, around the ring. */
export interface Arc {
  readonly token: Token;
  readonly slots: number;
}

export function arcsOf(tokens: readonly Token[], slotCount: number): Arc[] {
  return tokens.map((token, place) => {
    const next = tokens[(place + 1) % tokens.length] ?? token;
    const slots = (next.slot - token.slot + slotCount) % slotCount;
    return { token, slots: slots === 0 ? slotCount : slots };
  });
}

/**
 * For each slot who is to hold it: its owner, whose token is at or before it, and the next δ − 1
 * distinct members in the order of the tokens; all, if they are fewer. One array per arc.
 */
export function targetGroups(
  tokens: readonly Token[],
  replication: number,
  slotCount: number,
): (readonly number[])[] {
  const groups: (readonly number[])[] = [];
  for (const [place, { token, slots }] of arcsOf(tokens, slotCount).entries()) {
    const group = successors(tokens, place, replication);
    for (let step = 0; step < slots; step += 1) groups[(token.slot + step) % slotCount] = group;
  }
  return groups;
}

function successors(
  tokens: readonly Token[],
  place: number,
  replication: number,
): readonly number[] {
  const group: number[] = [];
  for (let step = 0; step < tokens.length && group.length < replication; step += 1) {
    const member = tokens[(place + step) % tokens.length]?.member;
    if (member !== undefined && !group.includes(member)) group.push(member);
  }
  return group;
}
