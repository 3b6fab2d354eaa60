import type { View } from './view';
import { epochOf } from './view-fields';

/** The instance of consensus that decides the first view. */
export const firstInstance = 1;

/**
 * The instance that decides what follows `view`: eras come one after the other, and in each of them numbers, so no
 * instance is of two views. What follows is of a higher epoch than this says if it begins another era.
 */
export function instanceAfter(view: View): number {
  return epochOf(view) + 1;
}
