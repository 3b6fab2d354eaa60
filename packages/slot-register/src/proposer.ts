import { invariant, type ProvidedPort, type Random } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';

import { type Accepted } from './accepted';
import { type Agenda, type Batch, type Settlement } from './agenda';
import { type Figures } from './figures';
import { partOf, type FormerPart } from './former';
import { Imposition } from './imposition';
import { Merging } from './merging';
import { type Phase, type Phases } from './phases';
import { MutateReturn, Refused, type Mutate, type RewritableRegister } from './port';
import { Preparation } from './preparation';
import { forgettable, type Pruning } from './pruning';
import { Draft, type Answer, type RegisterRecord } from './record';
import { type Slot } from './slot';
import { type Slots } from './slots';
import { ballotOf, noBallot, proposerOf, roundOf, type Ballot } from './tag';

/** After so many refusals in a row the pauses become no longer. */
const mostRefusals = 6;

/**
 * The proposer of the protocol (4.4), for all registers. At the lead of a slot it takes one round to have a record
 * chosen, since the lowest ballot is its own; at any other member two for the first one, with which it takes the
 * register over. One round at a time runs for each register: requests that come meanwhile go into the next together.
 */
export class Proposer {
  pruning: Pruning = { before: 0, lifetime: 0 };
  readonly #register: ProvidedPort<typeof RewritableRegister>;
  readonly #phases: Phases;
  readonly #slots: Pick<Slots, 'formerOf' | 'era'>;
  readonly #random: Random;
  readonly #figures: Figures;

  constructor(
    register: ProvidedPort<typeof RewritableRegister>,
    phases: Phases,
    slots: Pick<Slots, 'formerOf' | 'era'>,
    random: Random,
    figures: Figures,
  ) {
    this.#slots = slots;
    this.#register = register;
    this.#phases = phases;
    this.#random = random;
    this.#figures = figures;
  }

  mutate(slot: Slot, mutate: Mutate): void {
    const agenda = slot.agendas.of(mutate.register);
    agenda.add(mutate);
    this.#start(slot, agenda);
  }

  /** Has a record of `register` chosen without changing it (an identity write). */
  settle(slot: Slot, register: string, settlement: Settlement): void {
    const agenda = slot.agendas.of(register);
    agenda.addSettlement(settlement);
    this.#start(slot, agenda);
  }

  /** start(k) */
  #start(slot: Slot, agenda: Agenda): void {
    if (agenda.isBusy) return;
    if (agenda.isEmpty) {
      slot.agendas.end(agenda);
      return;
    }
    const { acceptor, seat, firstBallot } = slot;
    const promised = acceptor.promised(agenda.register);
    const held = acceptor.accepted.ballotOf(agenda.register);
    const isFixed = (held === noBallot ? slot.streams.completed : held) === promised;
    if (isFixed && proposerOf(promised) === seat.ownIndex) {
      // This process owns the ballot, or has prepared it, and its base is fixed: it stays with it.
      this.#propose(slot, agenda, promised);
    } else if (slot.leads && promised <= firstBallot) {
      if (acceptor.synced) this.#propose(slot, agenda, firstBallot);
      else this.#merge(slot, agenda, firstBallot);
    } else {
      this.#prepare(slot, agenda);
    }
  }

  #prepare(slot: Slot, agenda: Agenda): void {
    const { acceptor, seat } = slot;
    // Used once: the own promise of it makes the next one higher.
    const ballot = ballotOf(1 + roundOf(acceptor.highest), seat.ownIndex);
    const isPromised = acceptor.promise(agenda.register, ballot);
    invariant(isPromised, 'a new ballot is higher than all that were heard of');
    this.#figures.takeovers.add();
    const preparation = new Preparation(slot, agenda, ballot, this);
    if (preparation.isHeardByMajority) this.#prepared(preparation);
    else this.#enter(preparation, agenda);
  }

  /** A member, heard for the first time, takes part in the ballot. */
  promised(preparation: Preparation, vote: Accepted | undefined): void {
    preparation.count(vote);
    if (preparation.isHeardByMajority) this.#prepared(preparation);
  }

  #prepared(preparation: Preparation): void {
    const { slot, agenda, ballot, base, number } = preparation;
    this.#phases.leave(number);
    if (base) this.#build(slot, agenda, ballot, base.record);
    else this.#merge(slot, agenda, ballot);
  }

  /** Merge(k): nobody here can tell with what the epoch began, so those are asked who held the slot before. */
  #merge(slot: Slot, agenda: Agenda, ballot: Ballot): void {
    const { previous } = slot.seat;
    invariant(previous !== undefined, 'who is not synced follows an epoch');
    this.#figures.merges.add();
    const former = this.#slots.formerOf(slot);
    const own = former && partOf(former, agenda.register);
    const merging = new Merging(slot, agenda, ballot, this, previous, own);
    if (!this.#merged(merging)) this.#enter(merging, agenda);
  }

  /** One more of them was heard. Without a part, what it held is gone: by now others can tell. */
  formerHeard(merging: Merging, source: Address, part: FormerPart | undefined): void {
    if (!part) {
      this.unmerged(merging);
      return;
    }
    merging.count(source, part);
    if (this.#merged(merging)) this.#phases.leave(merging.number);
  }

  /** Goes on if there is a merge quorum. */
  #merged({ slot, agenda, ballot, base }: Merging): boolean {
    if (!base) return false;
    this.#build(slot, agenda, ballot, base);
    return true;
  }

  /** It takes too long: maybe some member of the group can tell by now. */
  unmerged({ slot, agenda, number }: Merging): void {
    this.#phases.leave(number);
    this.#prepare(slot, agenda);
  }

  /**
   * Fixes the base of the ballot, once and for all: if it is fixed already, that one stays. Unless a higher ballot came
   * in between.
   */
  #build(slot: Slot, agenda: Agenda, ballot: Ballot, record: RegisterRecord): void {
    agenda.phase = 0;
    if (slot.acceptor.accept(agenda.register, ballot, 0, record)) {
      this.#propose(slot, agenda, ballot);
    } else this.#start(slot, agenda);
  }

  #propose(slot: Slot, agenda: Agenda, ballot: Ballot): void {
    const { register } = agenda;
    const base = slot.acceptor.vote(register);
    invariant(base !== undefined, 'a record is built on a base');
    const draft = new Draft(base.record);
    const batch = this.#perform(slot, agenda, draft);
    if (batch.mutates.length + batch.settlements.length === 0) {
      this.#start(slot, agenda);
      return;
    }
    const record = draft.finish();
    const count = base.ballot === ballot ? base.count + 1 : 1;
    const isAccepted = slot.acceptor.accept(register, ballot, count, record);
    invariant(isAccepted, 'a ballot is used as long as nothing higher is promised');
    agenda.batch = batch;
    this.#figures.proposals.add();
    const round = new Imposition(slot, register, ballot, count, record, this, agenda);
    if (round.isChosen) {
      this.chosen(round);
      return;
    }
    this.#enter(round, agenda);
  }

  #enter(phase: Phase, agenda: Agenda): void {
    this.#phases.enter(phase);
    agenda.phase = phase.number;
  }

  /** Performs what waits, and says how each of them fares once the record is chosen. */
  #perform(slot: Slot, agenda: Agenda, draft: Draft): Batch {
    const settlements = agenda.takeSettlements();
    const batch: Batch = { mutates: [], answers: [], settlements };
    const mutates = agenda.takeMutates();
    this.#prune(slot, draft, mutates);
    for (const mutate of mutates) {
      const answer = draft.perform(mutate.id, mutate.operation);
      if (answer === 'superseded') {
        const text = 'the session has made a later request of this register';
        this.#register.next(new Refused(mutate, answer, text));
      } else {
        batch.mutates.push(mutate);
        batch.answers.push(answer);
      }
    }
    return batch;
  }

  /**
   * Forgets sessions that are over by the clock, and far older than others: before anything is executed, so that
   * the record knows of all that is executed in it.
   */
  #prune({ collection }: Slot, draft: Draft, mutates: readonly Mutate[]): void {
    let newest = draft.newestGeneration;
    for (const { id } of mutates) newest = Math.max(newest, id.session.generation);
    draft.forget(forgettable(this.pruning, newest));
    collection.newest = Math.max(collection.newest, newest);
  }

  /** A majority has accepted the record. Nobody in the batch is answered before that, whatever is known of it. */
  chosen({ slot, record, purpose: agenda }: Imposition<Agenda>): void {
    const { batch } = agenda;
    invariant(batch !== undefined, 'a round is run for those in its batch');
    agenda.batch = undefined;
    agenda.phase = 0;
    agenda.refusals = 0;
    this.#figures.mutates.add(batch.mutates.length);
    for (const [place, mutate] of batch.mutates.entries()) {
      this.#answer(mutate, batch.answers[place], record.generationFloor);
    }
    for (const { chosen } of batch.settlements) chosen(record);
    this.#start(slot, agenda);
  }

  #answer(mutate: Mutate, answer: Answer | undefined, generationFloor: number): void {
    invariant(answer !== undefined && answer !== 'superseded', 'who is in a batch has an answer');
    if (answer === 'session expired') {
      const text = `sessions of generations below ${generationFloor} are forgotten: open a new one`;
      this.#register.next(new Refused(mutate, answer, text, generationFloor));
    } else this.#register.next(new MutateReturn(mutate, answer, this.#slots.era));
  }

  /** A round was refused: its requests wait, and another ballot follows after a pause by chance. */
  refused({ slot, purpose }: Imposition<Agenda>): void {
    this.#pause(slot, purpose);
  }

  /** A ballot was refused, or overtaken while its base was looked for. */
  overtaken({ slot, agenda }: Preparation | Merging): void {
    this.#pause(slot, agenda);
  }

  #pause(slot: Slot, agenda: Agenda): void {
    this.#figures.refusedRounds.add();
    agenda.putBack();
    agenda.phase = 0;
    agenda.isPausing = true;
    agenda.refusals = Math.min(agenda.refusals + 1, mostRefusals);
    this.#phases.pause(this.#random.int(2 ** agenda.refusals), () => {
      agenda.isPausing = false;
      if (slot.agendas.isOpen(agenda)) this.#start(slot, agenda);
    });
  }

  /** Nobody waits for `mutate` any longer. Says whether it may take effect; undefined if it is not here. */
  abandon(slot: Slot, mutate: Mutate): 'waited' | 'proposed' | undefined {
    const agenda = slot.agendas.find(mutate.register);
    const stage = agenda?.remove(mutate);
    if (agenda) this.#endIfForsaken(slot, agenda);
    return stage;
  }

  abandonSettlement(slot: Slot, register: string, asker: unknown): void {
    const agenda = slot.agendas.find(register);
    if (!agenda) return;
    agenda.removeSettlement(asker);
    this.#endIfForsaken(slot, agenda);
  }

  /** The epoch of `slot` is over. Returns those who wait. */
  release(slot: Slot): readonly Mutate[] {
    return slot.agendas.endAll().flatMap((agenda) => {
      agenda.putBack();
      return agenda.takeMutates();
    });
  }

  /** A round that nobody waits for is dropped, as a crash would drop it: it may have no majority for ever. */
  #endIfForsaken(slot: Slot, agenda: Agenda): void {
    if (!agenda.isForsaken) return;
    this.#phases.leave(agenda.phase);
    slot.agendas.end(agenda);
  }
}
