import type { Made, Recipe } from './recipe';

/** A component that hands its state over to the one that replaces it. */
export interface Replaceable<State> {
  /**
   * What the next one needs to go on. Called when this one has stopped, before it ends; of one that
   * ended in a restart which failed, afterwards.
   */
  handOver(): State;
}

/** What `Old` hands over; undefined if it is not {@link Replaceable}. */
export type StateOf<Old> = Old extends Replaceable<infer State> ? State : undefined;

/** What the successor of `Old` is made with, or a function that says so of the state handed over. */
export type InitOf<Old, Init extends readonly unknown[]> =
  readonly [...Init] | ((state: StateOf<Old>) => readonly [...Init]);

/** How the successor of a component is made, given that component. */
export function successor<Old, C extends object, Init extends readonly unknown[]>(
  type: Made<C, Init>,
  init: InitOf<Old, Init>,
  connect: ((component: C) => void) | undefined,
): (old: object | undefined) => Recipe {
  return (old) => {
    const given = typeof init === 'function' ? init(stateOf<Old>(old)) : init;
    return {
      make: (context) => new type(context, ...given),
      connect: (component) => connect?.(component as C),
    };
  };
}

/** The types of the two have been compared where the replacement was asked for. */
function stateOf<Old>(old: object | undefined): StateOf<Old> {
  const replaceable = old as Partial<Replaceable<StateOf<Old>>> | undefined;
  return replaceable?.handOver?.() as StateOf<Old>;
}
