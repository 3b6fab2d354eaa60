import type { View } from './view';
import { epochOf } from './view-fields';

/** True if the same forces began the eras of both, as far as both have come. */
export function isSameLine(one: Pick<View, 'forces'>, other: Pick<View, 'forces'>): boolean {
  const eras = Math.min(one.forces.length, other.forces.length);
  return one.forces.slice(0, eras).every(({ id }, era) => other.forces[era]?.id === id);
}

/**
 * True if whoever has `present` has gone on in its era from the view from which the next one began, on the way to `later`.
 * It takes part in slots in epochs of which the next era knows nothing, so it cannot come along.
 */
export function hasStrayed(present: View, later: View): boolean {
  const force = later.forces[present.era];
  return force !== undefined && epochOf(present) > force.after;
}
