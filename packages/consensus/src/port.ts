import { event, portType } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

/**
 * From now on this process takes part in `instance` alone, and all that it knew of the one before is
 * forgotten. Instances are whole numbers from 0, and each that is served is higher than the one before: to
 * come back to one would be to forget what was promised in it.
 */
export class Serve extends event('Serve') {
  constructor(
    readonly instance: number,
    /** Different processes, the same ones in the same order wherever this instance is served. */
    readonly acceptors: readonly Address[],
  ) {
    super();
  }
}

/**
 * Have `value` decided in `instance`, or whatever else is decided there. This process is one of the acceptors. Said
 * again it replaces the value, while no ballot has taken it up. In an instance that is not served yet it
 * waits until it is; in one that is served no longer it is in vain.
 */
export class Propose extends event('Propose') {
  constructor(
    readonly instance: number,
    readonly value: Uint8Array,
  ) {
    super();
  }
}

/** Propose in `instance` no longer. What was proposed may be decided all the same. */
export class Withdraw extends event('Withdraw') {
  constructor(readonly instance: number) {
    super();
  }
}

/** `value` is decided in `instance`, here and for everybody. */
export class Decide extends event('Decide') {
  constructor(
    readonly instance: number,
    readonly value: Uint8Array,
  ) {
    super();
  }
}

/**
 * `process` proposes in `instance`, which is lower than the one that is served here: it needs to hear what
 * was decided. May come any number of times, and late.
 */
export class Behind extends event('Behind') {
  constructor(
    readonly process: Address,
    readonly instance: number,
  ) {
    super();
  }
}

/** `process` speaks of `instance`, which is higher than the one that is served here: it knows more. */
export class Ahead extends event('Ahead') {
  constructor(
    readonly process: Address,
    readonly instance: number,
  ) {
    super();
  }
}

/**
 * Uniform consensus (Cachin, Guerraoui, Rodrigues 2011, Module 5.2), instance after instance, each with
 * acceptors of its own. For each instance:
 *
 * - **UC1, termination** [while a majority of the acceptors serves the instance and is correct, messages
 *   between correct ones finally arrive, and finally one alone proposes]: it finally decides. So does each
 *   correct one that proposes, at last: a decision is kept, and answers whoever asks.
 * - **UC2, validity** [always]: what is decided was proposed.
 * - **UC3, integrity** [always]: no process decides twice.
 * - **UC4, uniform agreement** [always]: no two processes decide differently.
 *
 * The acceptors that do not propose are told of a decision once, and may miss it: whoever serves the next
 * instance spreads what that rests upon.
 */
export const Consensus = portType('Consensus', {
  requests: [Serve, Propose, Withdraw],
  indications: [Decide, Behind, Ahead],
});
