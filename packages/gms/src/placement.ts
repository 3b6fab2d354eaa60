import { invariant } from '@jbstore/core';

import type { Token } from './view-fields';

/** Into how many slots the ring is cut for so many tokens. */
export function slotCountFor(tokens: number): number {
  return tokens <= 1024 ? 1024 : 4096;
}

/** The even split: of N members the i-th owns the slots from ⌊i · Q / N⌋ to that of the next one. */
export function evenTokens(members: readonly number[], slotCount: number): Token[] {
  invariant(members.length <= slotCount, 'each member has a slot of its own');
  return members.map((member, place) => ({
    slot: Math.floor((place * slotCount) / members.length),
    member,
  }));
}

/** A member and the slots that it owns: from its token to the next one, around the ring. */
interface Arc {
  /** Its owner and the next δ − 1 distinct ones in the order of the tokens; all, if they are fewer. */
  readonly group: readonly number[];
  readonly slots: number;
}

/** Who is to hold each slot (the rule of the report on JBstore, 2016). One array per arc. */
export function targetGroups(
  tokens: readonly Token[],
  replication: number,
  slotCount: number,
): (readonly number[])[] {
  const arcs = tokens.map((token, place): Arc => {
    const next = tokens[place + 1]?.slot ?? slotCount;
    return { group: successors(tokens, place, replication), slots: next - token.slot };
  });
  const last = arcs.at(-1);
  invariant(last !== undefined, 'there is a token');
  const before: Arc = { group: last.group, slots: tokens[0]?.slot ?? 0 };
  return [before, ...arcs].flatMap(({ group, slots }) =>
    Array.from({ length: slots }, () => group),
  );
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
