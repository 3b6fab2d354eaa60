import { Linked, LinkedList } from '@jbstore/core';

import { type Mutate } from './port';
import { type Answer, type RegisterRecord } from './record';

/** Nothing is to be changed: whoever asks only wants a record to be chosen, and is told which. */
export interface Settlement {
  /** Who asks, and what for: the same asker is not taken up twice. */
  readonly asker: unknown;
  readonly chosen: (record: RegisterRecord) => void;
}

/** Requests that went into one record, and are answered together when it is chosen (group commit). */
export interface Batch {
  readonly mutates: Mutate[];
  readonly answers: Answer[];
  readonly settlements: readonly Settlement[];
}

/** The agendas of one slot: few at a time, of which each is soon over. */
export class Agendas {
  readonly #agendas = new LinkedList<Agenda>();

  find(register: string): Agenda | undefined {
    let agenda = this.#agendas.first;
    while (agenda && agenda.register !== register) agenda = agenda.after;
    return agenda;
  }

  /** The agenda of `register`, which begins if there is none. */
  of(register: string): Agenda {
    let agenda = this.find(register);
    if (!agenda) this.#agendas.add((agenda = new Agenda(register)));
    return agenda;
  }

  end(agenda: Agenda): void {
    this.#agendas.remove(agenda);
  }

  isOpen({ list }: Agenda): boolean {
    return list === this.#agendas;
  }

  /** Ends all of them, and returns them in the order in which they began. */
  endAll(): readonly Agenda[] {
    const all = this.#agendas.all();
    for (const agenda of all) this.end(agenda);
    return all;
  }
}

/** What is asked of one register at one proposer: who waits, and the one round that runs. */
export class Agenda extends Linked<Agenda> {
  /** Those were in a round that came to nothing: some member may have accepted it. */
  #again: Mutate[] = [];
  #waiting: Mutate[] = [];
  #settlements: Settlement[] = [];
  /** The requests in the record that is to be chosen; none while a ballot is prepared. */
  batch: Batch | undefined;
  /** The number of the phase that runs; 0 if none does. */
  phase = 0;
  isPausing = false;
  /** How often in a row a ballot of this process was refused. */
  refusals = 0;

  constructor(readonly register: string) {
    super();
  }

  /** A round runs, or is to follow a pause. */
  get isBusy(): boolean {
    return this.phase !== 0 || this.isPausing;
  }

  /** Nobody waits for a round to come. */
  get isEmpty(): boolean {
    return this.#again.length + this.#waiting.length + this.#settlements.length === 0;
  }

  add(mutate: Mutate): void {
    this.#waiting.push(mutate);
  }

  addSettlement(settlement: Settlement): void {
    const isKnown = ({ asker }: Settlement): boolean => asker === settlement.asker;
    if (this.#settlements.some(isKnown) || this.batch?.settlements.some(isKnown)) return;
    this.#settlements.push(settlement);
  }

  /** All requests that wait; from now on none does. */
  takeMutates(): Mutate[] {
    const mutates = this.#again.length === 0 ? this.#waiting : [...this.#again, ...this.#waiting];
    this.#again = [];
    this.#waiting = [];
    return mutates;
  }

  takeSettlements(): Settlement[] {
    const settlements = this.#settlements;
    this.#settlements = [];
    return settlements;
  }

  /** The round came to nothing: those in it wait again, before the others. */
  putBack(): void {
    if (!this.batch) return;
    this.#again = [...this.batch.mutates, ...this.#again];
    this.#settlements = [...this.batch.settlements, ...this.#settlements];
    this.batch = undefined;
  }

  /** Takes `mutate` off; says whether some member may have accepted it. Undefined if it is not here. */
  remove(mutate: Mutate): 'waited' | 'proposed' | undefined {
    if (withdraw(mutate, this.#waiting) >= 0) return 'waited';
    if (withdraw(mutate, this.#again) >= 0) return 'proposed';
    const place = this.batch ? withdraw(mutate, this.batch.mutates) : -1;
    if (place < 0) return undefined;
    this.batch?.answers.splice(place, 1);
    return 'proposed';
  }

  removeSettlement(asker: unknown): void {
    const remains = (settlement: Settlement): boolean => settlement.asker !== asker;
    this.#settlements = this.#settlements.filter(remains);
    if (!this.batch) return;
    this.batch = { ...this.batch, settlements: this.batch.settlements.filter(remains) };
  }

  /** Nobody waits for a round to come, nor for the one that runs. */
  get isForsaken(): boolean {
    const { batch } = this;
    return this.isEmpty && (!batch || batch.mutates.length + batch.settlements.length === 0);
  }
}

/** Takes `mutate` out of `mutates`; returns where it stood, or -1. */
function withdraw(mutate: Mutate, mutates: Mutate[]): number {
  const place = mutates.indexOf(mutate);
  if (place >= 0) mutates.splice(place, 1);
  return place;
}
