import { type ProvidedPort } from '@jbstore/core';
import { type Address, type Message } from '@jbstore/network/port';
import { bytesOf, including, nobodyYet } from '@jbstore/register/port';

import { type Accepted } from './accepted';
import { Consultation } from './consultation';
import { type Figures } from './figures';
import { Imposition } from './imposition';
import { SettleMessage } from './messages';
import { Phase, type Phases } from './phases';
import { ReadReturn, type Read, type RewritableRegister } from './port';
import { type Proposer } from './proposer';
import { Reading } from './reading';
import { type RegisterRecord } from './record';
import { type Slot } from './slot';
import { type Slots } from './slots';

/** R4, where another member is preferred: it is asked to have a record chosen. */
class SettlementElsewhere extends Phase {
  constructor(
    slot: Slot,
    readonly reading: Reading,
    readonly reader: Reader,
    preferredRank: number,
  ) {
    super(slot, reading.read.register);
    this.turnTo(preferredRank);
  }

  /** Asks this member, and none of the others. */
  turnTo(rank: number): void {
    this.heard = nobodyYet;
    for (let other = 0; other < this.slot.seat.group.members.length; other += 1) {
      if (other !== rank) this.heard = including(this.heard, other);
    }
  }

  override questionTo(member: Address): Message {
    const { number: phase, register } = this;
    return new SettleMessage(member, { phase, epoch: this.slot.seat.epoch, register });
  }

  override refused(): void {
    return undefined;
  }

  /** Another one may be preferred by now. */
  override repeats(): boolean {
    return this.reader.settleAgain(this);
  }
}

/**
 * The reads of the protocol (4.5), at any member of the group: one round if a majority votes for the same record,
 * else the highest is imposed on a majority. Where neither can be done, a record is settled first.
 */
export class Reader {
  readonly #register: ProvidedPort<typeof RewritableRegister>;
  readonly #phases: Phases;
  readonly #proposer: Proposer;
  readonly #slots: Pick<Slots, 'preferredRank' | 'consulted' | 'era'>;
  readonly #figures: Figures;

  constructor(
    register: ProvidedPort<typeof RewritableRegister>,
    phases: Phases,
    proposer: Proposer,
    slots: Pick<Slots, 'preferredRank' | 'consulted' | 'era'>,
    figures: Figures,
  ) {
    this.#register = register;
    this.#phases = phases;
    this.#proposer = proposer;
    this.#slots = slots;
    this.#figures = figures;
  }

  read(slot: Slot, read: Read): void {
    const reading = new Reading(read);
    slot.readings.add(reading);
    this.#consult(slot, reading);
  }

  /** R1 */
  #consult(slot: Slot, reading: Reading): void {
    const { register } = reading.read;
    const askedFirst = this.#slots.consulted(slot);
    const consultation = new Consultation(slot, register, this, reading, askedFirst);
    if (!this.#decide(consultation)) this.#enter(consultation, reading);
  }

  /** A member has said what it votes for. */
  learned(consultation: Consultation<Reading>): void {
    if (!this.#decide(consultation) && consultation.isHeardByAsked) {
      this.#phases.widen(consultation);
    }
  }

  /** Goes on as soon as what a majority has said allows it, and says whether it did. */
  #decide(consultation: Consultation<Reading>): boolean {
    const { slot, purpose: reading, agreed, highest, isHeardByAll } = consultation;
    if (!agreed && !highest && !isHeardByAll) return false;
    this.#phases.leave(consultation.number);
    if (agreed) {
      this.#figures.oneRoundReads.add();
      this.#finish(slot, reading, agreed);
    } else if (highest) this.#impose(consultation, highest);
    else this.#settle(slot, reading);
    return true;
  }

  /** R3: repeats what some proposer has asked already, of those who are not known to have done it. */
  #impose(consultation: Consultation<Reading>, { ballot, count, record }: Accepted): void {
    const { slot, register, purpose: reading } = consultation;
    this.#figures.imposedReads.add();
    if (!slot.acceptor.accept(register, ballot, count, record)) {
      this.#settle(slot, reading);
      return;
    }
    const imposition = new Imposition(slot, register, ballot, count, record, this, reading);
    slot.seat.group.members.forEach((_, rank) => {
      if (consultation.isHeldBy(rank)) imposition.hold(rank);
    });
    if (imposition.isChosen) this.chosen(imposition);
    else this.#enter(imposition, reading);
  }

  chosen({ slot, record, purpose: reading }: Imposition<Reading>): void {
    this.#finish(slot, reading, record);
  }

  refused({ slot, purpose: reading }: Imposition<Reading>): void {
    this.#settle(slot, reading);
  }

  undecided({ slot, number, purpose: reading }: Consultation<Reading>): void {
    this.#phases.leave(number);
    this.#settle(slot, reading);
  }

  /** R4: an identity write, here or at the member that is preferred, since two proposers would be in each other's way. */
  #settle(slot: Slot, reading: Reading): void {
    this.#figures.settledReads.add();
    const preferred = this.#slots.preferredRank(slot);
    if (preferred === slot.seat.ownRank) this.#settleHere(slot, reading);
    else this.#enter(new SettlementElsewhere(slot, reading, this, preferred), reading);
  }

  #settleHere(slot: Slot, reading: Reading): void {
    reading.phase = 0;
    const chosen = (record: RegisterRecord): void => {
      this.#finish(slot, reading, record);
    };
    this.#proposer.settle(slot, reading.read.register, { asker: reading, chosen });
  }

  /** The preferred member has not answered; says whether it, or the one preferred now, is asked again. */
  settleAgain(settlement: SettlementElsewhere): boolean {
    const preferred = this.#slots.preferredRank(settlement.slot);
    if (preferred !== settlement.slot.seat.ownRank) {
      settlement.turnTo(preferred);
      return true;
    }
    this.#phases.leave(settlement.number);
    this.#settleHere(settlement.slot, settlement.reading);
    return false;
  }

  /** A record was chosen elsewhere: now a majority can agree. */
  settled(settlement: Phase): void {
    if (!(settlement instanceof SettlementElsewhere)) return;
    this.#phases.leave(settlement.number);
    this.#consult(settlement.slot, settlement.reading);
  }

  #enter(phase: Phase, reading: Reading): void {
    this.#phases.enter(phase);
    reading.phase = phase.number;
  }

  #finish(slot: Slot, reading: Reading, { value, version }: RegisterRecord): void {
    slot.readings.remove(reading);
    const found = value === undefined ? undefined : bytesOf(value);
    const { era } = this.#slots;
    this.#register.next(new ReadReturn(reading.read, found, found && version, era));
  }

  /** The epoch of `slot` is over. Returns those who wait. */
  release(slot: Slot): readonly Read[] {
    return slot.readings.all().map((reading) => {
      slot.readings.remove(reading);
      return reading.read;
    });
  }

  /** Nobody waits for `read` any longer; false if it is not here. */
  abandon(slot: Slot, read: Read): boolean {
    let reading = slot.readings.first;
    while (reading && reading.read !== read) reading = reading.after;
    if (!reading) return false;
    slot.readings.remove(reading);
    this.#phases.leave(reading.phase);
    this.#proposer.abandonSettlement(slot, read.register, reading);
    return true;
  }
}
