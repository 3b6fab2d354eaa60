import type { Context } from './context';

/** A class of which a cell makes its component. */
export type Made<C extends object, Init extends readonly unknown[]> = new (
  context: Context,
  ...init: Init
) => C;

/** How the next instance in a cell is made. */
export interface Recipe {
  readonly make: (context: Context) => object;
  /** Connects what the one before did not have; called until an instance was made. */
  readonly connect?: (component: object) => void;
}
