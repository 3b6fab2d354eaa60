import { type Address } from '@jbstore/network/port';

import { type Accepted } from './accepted';
import { type FormerPart } from './former';
import { emptyRecord, type RegisterRecord } from './record';
import { type Previous } from './slot';
import { isHigher } from './tag';

/**
 * The merge quorum of one register (5.5): a majority of the previous group, sealed, with one that is complete, or has
 * accepted the register there. Whatever the epoch before has chosen is in it, and nothing will be chosen there later.
 */
export class MergeQuorum {
  readonly #previous: Previous;
  readonly #heard = new Set<Address>();
  #isComplete = false;
  #highest: Accepted | undefined;
  #generationFloor = 0;
  #versionFloor = 0;

  constructor(previous: Previous) {
    this.#previous = previous;
  }

  /** What `source` held; it counts if it was a member of that group. */
  count(source: Address, { accepted, complete, generationFloor, versionFloor }: FormerPart): void {
    if (!this.#previous.members.includes(source)) return;
    this.#heard.add(source);
    this.#isComplete ||= complete || accepted !== undefined;
    this.#generationFloor = Math.max(this.#generationFloor, generationFloor);
    this.#versionFloor = Math.max(this.#versionFloor, versionFloor);
    if (accepted && (!this.#highest || isHigher(accepted, this.#highest))) this.#highest = accepted;
  }

  /** The record with the highest tag; nothing, above the floors, if there is none. Undefined without a quorum. */
  get base(): RegisterRecord | undefined {
    if (this.#heard.size < this.#previous.quorum || !this.#isComplete) return undefined;
    return this.#highest?.record ?? emptyRecord(this.#generationFloor, this.#versionFloor);
  }
}
