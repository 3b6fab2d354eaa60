import { invariant } from '@jbstore/core';

import { compareBallots, type Ballot } from './ballot';
import { isSameValue, kept, type Vote } from './vote';

/**
 * One acceptor of one instance (Lamport, Paxos Made Simple, 2001, section 2.5).
 *
 * ```
 * upon Prepare[b]:     if b ≥ rnd:  rnd := b;                          answer Promised[b, vrnd, vval]
 * upon Accept[b, v]:   if b ≥ rnd:  rnd := b;  vrnd := b;  vval := v;  answer Accepted[b]
 * else                                                                 answer Refused[b, rnd]
 * ```
 */
export class Acceptor {
  /** rnd */
  #promised: Ballot | undefined;
  /** vrnd and vval */
  #vote: Vote | undefined;

  get promised(): Ballot | undefined {
    return this.#promised;
  }

  get vote(): Vote | undefined {
    return this.#vote;
  }

  /** Says whether it promises to vote in no ballot that is lower than `ballot`. */
  prepare(ballot: Ballot): boolean {
    if (this.#isLower(ballot)) return false;
    this.#promise(ballot);
    return true;
  }

  /** Says whether it votes for `value` in `ballot`. */
  accept(ballot: Ballot, value: Uint8Array): boolean {
    if (this.#isLower(ballot)) return false;
    this.#promise(ballot);
    const last = this.#vote;
    if (last && compareBallots(last.ballot, ballot) === 0) {
      invariant(isSameValue(last.value, value), 'a ballot has one value');
      return true;
    }
    this.#vote = { ballot, value: kept(value) };
    return true;
  }

  #isLower(ballot: Ballot): boolean {
    return this.#promised !== undefined && compareBallots(ballot, this.#promised) < 0;
  }

  #promise(ballot: Ballot): void {
    invariant(!this.#isLower(ballot), 'the round of an acceptor never decreases');
    this.#promised = ballot;
  }
}
