import { Children } from './children';
import type { ControlDesk } from './control-desk';
import type { LifeState } from './life';
import type { Recipe } from './recipe';
import type { Replacement } from './replacement';
import type { Supervisor } from './supervision';
import type { Treatment } from './treatment';

export type Release = () => void | Promise<void>;

/** What only some components need; made when first used, as most are small and many. */
export class Belongings<B extends { readonly state: LifeState }> {
  readonly children = new Children<B>();
  /** The children for which the start under way may have to wait. */
  starters: Set<B> | undefined;
  /** The children that are to stop still, in their order; undefined until it comes to them. */
  stoppers: Set<B> | undefined;
  /** The last number given to a child of a class. */
  readonly numbers = new Map<string, number>();
  readonly releases: Release[] = [];
  /** Releases that take time, of children that were killed and of former instances. */
  readonly departing = new Set<Promise<void>>();
  /** The releases have begun, and whether they take time. */
  released: { readonly pending: Promise<void> | undefined } | undefined;

  /** The opposite of what is under way was asked for meanwhile. */
  reversed = false;
  /** Its state before it was suspended. */
  former: LifeState | undefined;
  /** What came while it was suspended or replaced, and is obeyed afterwards. */
  wish: 'start' | 'stop' | undefined;

  desk: ControlDesk | undefined;
  supervisor: Supervisor | undefined;
  /** What is done about a fault of its own. */
  treatment: Treatment | undefined;
  replacement: Replacement | undefined;
  /** Of what the next instance is made, where there may be one. */
  recipe: Recipe | undefined;
  /** How many instances there were before this one. */
  incarnation = 0;
  /** The instance has ended, and the next is not made yet. */
  vacant = false;
}
