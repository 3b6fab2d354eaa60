import type { Interval, Operation, Value } from './operation';

/**
 * What an object does when it is asked one thing at a time, as a pure value: all that a checker has to know of
 * it. `O` is what the operations of its histories are, `S` its state.
 */
export interface Model<O extends Interval = Operation, S = unknown> {
  readonly name: string;
  readonly init: S;
  /**
   * The states in which `operation` may leave the object if it finds it in `state` and returns what it
   * returned; none if it cannot. One whose outcome is unknown returned nothing that binds: it gives what it
   * leaves if it takes effect here, or none where that changes nothing.
   */
  step(state: S, operation: O): readonly S[];
  /** Equal for states that behave alike. Left out, the states are primitive and compared themselves. */
  key?(state: S): Value;
  /**
   * The part of the object that `operation` is about, where parts know nothing of one another: each is
   * checked by itself, from `init` (Herlihy and Wing 1990, locality; Horn and Kroening 2015, P-compositionality).
   */
  partition?(operation: O): string;
  /** True if `operation` changes no state in which it is possible. It makes the search short. */
  reads?(operation: O): boolean;
  /** False if `operation` says nothing at all. Left out, what failed says nothing. */
  constrains?(operation: O): boolean;
  /**
   * What `operation` does to the register that its part is, whose first value is `init`; undefined if it is
   * no plain read or write. A part with nothing else in it can be decided by zones.
   */
  access?(operation: O): Access | undefined;
}

/** A plain read or write of a register. */
export type Access = { readonly writes: Value } | { readonly reads: Value };

/**
 * What Knossos and Porcupine see differently. To Porcupine a compare-and-set that failed says that another value
 * was there, and a read of nil that none was; to Knossos both say nothing.
 */
export type Semantics = 'porcupine' | 'knossos';
