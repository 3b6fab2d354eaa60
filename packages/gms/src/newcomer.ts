import { arcsOf, bySlot, type Arc } from './placement';
import type { Token } from './view-fields';

/**
 * `tokens` and `count` new ones for `newcomer`, or fewer where the ring has no room. Each takes the
 * end of an arc, so that nobody else gets what he had not: of the longest arc of the member that owns most, half
 * or what the newcomer still lacks, be it less. It is to own as much as everybody on average.
 */
export function withNewcomer(
  tokens: readonly Token[],
  newcomer: number,
  count: number,
  slotCount: number,
): Token[] {
  const owners = new Set(tokens.map(({ member }) => member));
  const share = Math.floor(slotCount / (owners.size + 1));
  const all = [...tokens];
  let owned = 0;
  for (let left = count; left > 0; left -= 1) {
    const arc = longestOfTheMostLoaded(arcsOf(all, slotCount));
    if (!arc) break;
    const lacking = Math.max(1, Math.ceil((share - owned) / left));
    const taken = Math.min(Math.floor(arc.slots / 2), lacking);
    owned += taken;
    all.push({ slot: (arc.token.slot + arc.slots - taken) % slotCount, member: newcomer });
    all.sort(bySlot);
  }
  return all;
}

/** Undefined if no arc can be divided. */
function longestOfTheMostLoaded(arcs: readonly Arc[]): Arc | undefined {
  const loads = new Map<number, number>();
  for (const { token, slots } of arcs) {
    loads.set(token.member, (loads.get(token.member) ?? 0) + slots);
  }
  const loadOf = ({ token }: Arc): number => loads.get(token.member) ?? 0;
  return arcs
    .filter(({ slots }) => slots > 1)
    .reduce<Arc | undefined>((best, arc) => {
      if (!best) return arc;
      const difference = loadOf(arc) - loadOf(best) || arc.slots - best.slots;
      return difference > 0 ? arc : best;
    }, undefined);
}
