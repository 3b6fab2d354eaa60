import { invariant } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { compareBallots, type Ballot } from './ballot';
import { isSameValue, kept, type Vote } from './vote';

/**
 * One ballot of a proposer (Lamport, Paxos Made Simple, 2001, section 2.5).
 *
 * ```
 * to all acceptors:                 Prepare[b]
 * upon Promised[b, vrnd, vval] of a majority:
 *    v := vval of the highest vrnd; if nobody voted yet: what this process proposes now
 *    to all acceptors:              Accept[b, v]
 * upon Accepted[b] of a majority:   v is chosen
 * ```
 */
export class Attempt {
  readonly #acceptors: readonly Address[];
  readonly #promised = new Set<Address>();
  readonly #accepted = new Set<Address>();
  #highest: Vote | undefined;
  #value: Uint8Array | undefined;

  constructor(
    readonly ballot: Ballot,
    acceptors: readonly Address[],
  ) {
    this.#acceptors = acceptors;
  }

  /** v, once it is fixed: from then on it is phase 2. */
  get value(): Uint8Array | undefined {
    return this.#value;
  }

  /** The acceptors which have not answered the running phase. */
  get unanswered(): readonly Address[] {
    const answered = this.#value === undefined ? this.#promised : this.#accepted;
    return this.#acceptors.filter((acceptor) => !answered.has(acceptor));
  }

  /** `process` promised, and voted last like this. Says whether phase 1 is complete, by that. */
  promise(process: Address, vote: Vote | undefined): boolean {
    if (this.#value !== undefined || !this.#count(this.#promised, process)) return false;
    if (vote) this.#learn(vote);
    return this.#isMajority(this.#promised);
  }

  #learn({ ballot, value }: Vote): void {
    invariant(compareBallots(ballot, this.ballot) < 0, 'votes before phase 2 are in lower ballots');
    const highest = this.#highest;
    const order = highest ? compareBallots(ballot, highest.ballot) : 1;
    if (highest && order === 0) {
      invariant(isSameValue(value, highest.value), 'a ballot has one value');
    }
    if (order > 0) this.#highest = { ballot, value: kept(value) };
  }

  /** Phase 2 begins, with the value that may be chosen already, or with `own`. */
  fix(own: Uint8Array): void {
    invariant(this.#isMajority(this.#promised), 'a value is fixed when a majority has promised');
    invariant(this.#value === undefined, 'the value of a ballot is fixed once');
    this.#value = this.#highest?.value ?? own;
  }

  /** `process` accepted. Says whether a majority has. */
  accept(process: Address): boolean {
    return this.#count(this.#accepted, process) && this.#isMajority(this.#accepted);
  }

  /** Counts acceptors alone, and each once. */
  #count(quorum: Set<Address>, process: Address): boolean {
    if (!this.#acceptors.includes(process)) return false;
    quorum.add(process);
    return true;
  }

  #isMajority(quorum: ReadonlySet<Address>): boolean {
    return quorum.size > this.#acceptors.length / 2;
  }
}
