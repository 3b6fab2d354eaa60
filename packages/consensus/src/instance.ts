import { invariant } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { Acceptor } from './acceptor';
import { Attempt } from './attempt';
import type { Ballot } from './ballot';
import { isSameValue, kept } from './vote';

/** All that a process knows of the instance that it serves. */
export class Instance {
  readonly acceptor = new Acceptor();
  /** What this process proposes; undefined if nothing. */
  proposal: Uint8Array | undefined;
  /** The ballot of this process that is under way. */
  attempt: Attempt | undefined;
  /** How many attempts were refused. */
  refusals = 0;
  #decision: Uint8Array | undefined;
  #highestRound = 0;

  constructor(
    readonly number: number,
    readonly acceptors: readonly Address[],
  ) {
    invariant(Number.isSafeInteger(number) && number >= 0, 'instances are whole numbers from 0');
    invariant(new Set(acceptors).size === acceptors.length, 'acceptors are different processes');
  }

  get decision(): Uint8Array | undefined {
    return this.#decision;
  }

  /** True if `ballot` is one of `process`. */
  isBallotOf(process: Address, ballot: Ballot): boolean {
    return this.acceptors[ballot.rank] === process;
  }

  /** The next attempt is of a higher round. */
  notice(round: number): void {
    this.#highestRound = Math.max(this.#highestRound, round);
  }

  begin(self: Address, boot: number): Attempt {
    const rank = this.acceptors.indexOf(self);
    invariant(rank >= 0, 'who proposes is one of the acceptors');
    this.#highestRound += 1;
    this.attempt = new Attempt({ round: this.#highestRound, rank, boot }, this.acceptors);
    return this.attempt;
  }

  /** Returns the decision, the first time. */
  decide(value: Uint8Array): Uint8Array | undefined {
    this.proposal = undefined;
    this.attempt = undefined;
    if (this.#decision) {
      invariant(isSameValue(this.#decision, value), 'an instance has one decision');
      return undefined;
    }
    this.#decision = kept(value);
    return this.#decision;
  }
}
