import { type Address, type Message } from '@jbstore/network/port';

import { type Agenda } from './agenda';
import { type FormerPart } from './former';
import { MergeQuorum } from './merge-quorum';
import { MergeMessage } from './messages';
import { Phase } from './phases';
import { type RegisterRecord } from './record';
import { type Previous, type Slot } from './slot';
import { type Ballot } from './tag';

/** Who needs the record of a register with which an epoch begins. */
interface Merger {
  /** There is no merge quorum, and there may never be one. */
  unmerged(merging: Merging): void;
  /** Some member has promised a higher ballot. */
  overtaken(merging: Merging): void;
}

/** So often the previous group is asked again before another way is tried. */
const mostRepetitions = 3;

/** Merge[k]: the members of the previous group are to say what they held of a register. */
export class Merging extends Phase {
  readonly #quorum: MergeQuorum;

  constructor(
    slot: Slot,
    readonly agenda: Agenda,
    readonly ballot: Ballot,
    readonly merger: Merger,
    previous: Previous,
    own: FormerPart | undefined,
  ) {
    super(slot, agenda.register, previous.members);
    this.#quorum = new MergeQuorum(previous);
    if (own) this.count(slot.self, own);
  }

  override questionTo(member: Address): Message {
    const { number: phase, register } = this;
    return new MergeMessage(member, { phase, epoch: this.slot.seat.epoch, register });
  }

  override refused(): void {
    this.merger.overtaken(this);
  }

  override repeats(): boolean {
    if (this.repetitions < mostRepetitions) return true;
    this.merger.unmerged(this);
    return false;
  }

  count(source: Address, part: FormerPart): void {
    this.#quorum.count(source, part);
  }

  get base(): RegisterRecord | undefined {
    return this.#quorum.base;
  }
}
