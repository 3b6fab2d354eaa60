import type { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { Behind, Decide, Propose, Serve, Withdraw, type Ahead } from './port';

/** Processes with a provider of Consensus each, in virtual time. */
export interface Participants {
  readonly processes: readonly Address[];
  /** Chance of this run, from its seed. */
  readonly random: Random;
  ask(process: Address, request: Serve | Propose | Withdraw): void;
  /** What was indicated at `process` since the last call. */
  indicationsAt(process: Address): readonly (Decide | Behind | Ahead)[];
  /**
   * Rules when the copies of a message from one process to another arrive, in milliseconds from now:
   * none of them if it is lost, two if it is doubled.
   */
  rule(copiesAfterMs: (from: Address, to: Address) => readonly number[]): void;
  crash(process: Address): void;
  advance(ms: number): void;
}

/** The owner of every port of a run: it serves, proposes, helps who is behind, and keeps what it hears. */
export class Owner {
  readonly #served = new Map<Address, number>();
  readonly #everServed = new Set<string>();
  readonly #crashed = new Set<Address>();
  readonly #proposed = new Map<number, Set<string>>();
  readonly #decisions = new Map<number, Map<Address, string>>();
  readonly #helps: boolean;
  readonly hints: string[] = [];
  /** What was wrong: for each a sentence. */
  readonly flaws: string[] = [];

  constructor(
    readonly participants: Participants,
    { helps = true } = {},
  ) {
    this.#helps = helps;
    for (const process of participants.processes) this.serve(process, 1);
  }

  get alive(): readonly Address[] {
    return this.participants.processes.filter((process) => !this.#crashed.has(process));
  }

  get crashes(): number {
    return this.#crashed.size;
  }

  /** Those who proposed last, and have no decision. */
  get undecided(): readonly Address[] {
    return this.alive.filter((process) => {
      const served = this.#served.get(process) ?? 0;
      return this.#mayPropose(process) && this.decisionOf(process, served) === undefined;
    });
  }

  anyone(): Address {
    return this.participants.random.pick(this.alive);
  }

  decisionOf(process: Address, instance: number): string | undefined {
    return this.#decisions.get(instance)?.get(process);
  }

  /** What each process decided, in order. */
  decisions(instance: number): readonly (string | undefined)[] {
    return this.participants.processes.map((process) => this.decisionOf(process, instance));
  }

  serve(process: Address, instance: number): void {
    if (this.#crashed.has(process) || instance <= (this.#served.get(process) ?? 0)) return;
    this.#served.set(process, instance);
    this.#everServed.add(`${process} ${instance}`);
    this.participants.ask(process, new Serve(instance, this.#acceptorsOf(instance)));
    this.#listen();
  }

  /** As members install the view after one that was decided: only who knows of the decision does. */
  serveNext(process: Address): void {
    const served = this.#served.get(process) ?? 0;
    if (this.decisionOf(process, served) !== undefined) this.serve(process, served + 1);
  }

  propose(process: Address, value: string): void {
    if (!this.#mayPropose(process)) return;
    const instance = this.#served.get(process) ?? 0;
    const proposed = this.#proposed.get(instance) ?? new Set();
    this.#proposed.set(instance, proposed.add(value));
    this.participants.ask(process, new Propose(instance, Buffer.from(value)));
    this.#listen();
  }

  withdraw(process: Address): void {
    this.participants.ask(process, new Withdraw(this.#served.get(process) ?? 0));
    this.#listen();
  }

  crash(process: Address): void {
    this.#crashed.add(process);
    this.participants.crash(process);
  }

  /** Has everybody serve the highest instance. */
  bringTogether(): void {
    const highest = Math.max(...this.alive.map((process) => this.#served.get(process) ?? 0));
    for (const process of this.alive) this.serve(process, highest);
  }

  advance(ms: number): void {
    this.participants.advance(ms);
    this.#listen();
  }

  /** With four processes or more, one of them is none in every second instance. */
  #acceptorsOf(instance: number): readonly Address[] {
    const { processes } = this.participants;
    if (processes.length < 4 || instance % 2 === 1) return processes;
    return processes.filter((_, index) => index !== instance % processes.length);
  }

  #mayPropose(process: Address): boolean {
    return this.#acceptorsOf(this.#served.get(process) ?? 0).includes(process);
  }

  #listen(): void {
    for (const process of this.participants.processes) {
      for (const indication of this.participants.indicationsAt(process)) {
        if (indication instanceof Decide) this.#check(process, indication);
        else this.#help(process, indication);
      }
    }
  }

  #check(process: Address, { instance, value }: Decide): void {
    const text = Buffer.from(value).toString();
    const decided = this.#decisions.get(instance) ?? new Map<Address, string>();
    this.#decisions.set(instance, decided);
    const what = `${process} decides ${text} in ${instance}`;
    if (!this.#everServed.has(`${process} ${instance}`)) this.flaws.push(`${what}, unasked`);
    if (!this.#proposed.get(instance)?.has(text)) this.flaws.push(`${what}, which nobody proposed`);
    if (decided.has(process)) this.flaws.push(`${what}, and did before`);
    for (const [other, otherwise] of decided) {
      if (otherwise !== text) this.flaws.push(`${what}, and ${other} decides ${otherwise}`);
    }
    decided.set(process, text);
  }

  /** Has who is behind serve what the other one serves, as if it had been told what was decided before. */
  #help(process: Address, hint: Behind | Ahead): void {
    this.hints.push(`${process}: ${hint.type} ${hint.process} in ${hint.instance}`);
    if (this.#crashed.has(process)) return;
    if (!this.#helps) return;
    if (hint instanceof Behind) this.serve(hint.process, this.#served.get(process) ?? 0);
    else this.serve(process, hint.instance);
  }
}
