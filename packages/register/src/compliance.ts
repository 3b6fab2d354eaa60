import { type Random } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';

import { isAtomic, type Call } from './history';
import { Abandon, Abandoned, Read, ReadReturn, Write, type WriteReturn } from './port';

export { isAtomic, type Call } from './history';

/** Processes with a provider of AtomicRegister each, which are the group of all registers. */
export interface Registers {
  readonly processes: readonly Address[];
  /** Chance of this run, from its seed. */
  readonly random: Random;
  ask(process: Address, request: Read | Write | Abandon): void;
  /** What was answered anywhere since the last call. */
  answers(): readonly (ReadReturn | WriteReturn | Abandoned)[];
  /**
   * Rules when the copies of a message from one process to another arrive, in milliseconds from now:
   * none of them if it is lost, two if it is doubled.
   */
  rule(copiesAfterMs: (from: Address, to: Address) => readonly number[]): void;
  crash(process: Address): void;
  advance(ms: number): void;
}

export interface RegistersInit {
  readonly count: number;
  readonly seed: string;
}

/** What this suite needs of a test runner; Jest and Vitest have it. */
export interface TestRunner {
  readonly test: (name: string, run: () => void) => void;
  readonly expect: (actual: unknown) => { toStrictEqual(expected: unknown): void };
}

/** Long enough for any phase to be repeated some times. */
const finallyMs = 60_000;

/**
 * Tests the properties of the port on any provider of it; call it within a `describe`.
 *
 * @param writers - `all` members of a group may write its registers, or only the `first`
 */
export function complianceOfAtomicRegister(
  setUp: (init: RegistersInit) => Registers,
  writers: 'all' | 'first',
  { test, expect }: TestRunner,
): void {
  test('validity: every process reads what was written, and nothing before that', () => {
    const run = new Run(setUp({ count: 3, seed: 'validity' }), writers);
    for (const value of ['', 'a', 'b'.repeat(5_000), '\x00\xff']) {
      expect(run.readEverywhere(`new ${value.length}`)).toStrictEqual(Array(3).fill(undefined));
      run.write('register', value);
      expect(run.readEverywhere('register')).toStrictEqual(Array(3).fill(value));
    }
  });

  test('validity: a group of one process is its own majority', () => {
    const run = new Run(setUp({ count: 1, seed: 'alone' }), writers);
    run.write('register', 'value');
    expect(run.readEverywhere('register')).toStrictEqual(['value']);
  });

  test('termination: with a minority crashed, every operation is answered', () => {
    const run = new Run(setUp({ count: 5, seed: 'minority' }), writers);
    run.write('register', 'before');
    for (const process of run.registers.processes.slice(3)) run.crash(process);
    expect(run.readEverywhere('register')).toStrictEqual(Array(3).fill('before'));
    run.write('register', 'after');
    expect(run.readEverywhere('register')).toStrictEqual(Array(3).fill('after'));
  });

  test('termination: what was lost is repeated until a majority can be reached again', () => {
    const run = new Run(setUp({ count: 3, seed: 'partition' }), writers);
    run.registers.rule(() => []);
    run.begin(run.writer(), new Write('register', bytesOf('value'), run.registers.processes));
    run.advance(finallyMs);
    expect(run.unanswered).toStrictEqual(1);
    run.registers.rule(() => [1]);
    run.advance(finallyMs);
    expect(run.unanswered).toStrictEqual(0);
    expect(run.readEverywhere('register')).toStrictEqual(Array(3).fill('value'));
  });

  test('abandoned: an operation is answered once, by what it was given up with', () => {
    const run = new Run(setUp({ count: 3, seed: 'abandon' }), writers);
    const read = new Read('register', run.registers.processes);
    const done = new Read('register', run.registers.processes);
    run.begin(run.writer(), done);
    run.advance(finallyMs);
    run.registers.rule(() => []);
    run.begin(run.writer(), read);
    for (const request of [read, read, done]) {
      run.registers.ask(run.writer(), new Abandon(request));
    }
    run.registers.rule(() => [1]);
    run.advance(finallyMs);
    expect(run.surplusAnswers).toStrictEqual(0);
    expect(run.unanswered).toStrictEqual(0);
  });

  for (const [count, schedules] of schedulesByCount) {
    test(`atomicity and termination: ${count} processes, ${schedules} schedules`, () => {
      for (let seed = 1; seed <= schedules; seed += 1) {
        const run = new Run(setUp({ count, seed: `schedule ${seed}` }), writers);
        playSchedule(run);
        expect({ seed, ...run.verdict() }).toStrictEqual({ seed, ...flawless });
      }
    });
  }
}

/** How many random schedules are played with so many processes. */
const schedulesByCount = [
  [2, 20],
  [3, 120],
  [4, 20],
  [5, 60],
] as const;

const flawless = { unanswered: 0, surplusAnswers: 0, notAtomic: [] };

/** Operations at random processes in the midst of delays, losses, doubled messages and crashes. */
function playSchedule(run: Run): void {
  const { registers } = run;
  const { random, processes } = registers;
  const mayCrash = Math.ceil(processes.length / 2) - 1;
  let crashes = 0;
  for (let step = 0; step < 60; step += 1) {
    const what = random.int(20);
    const register = `register ${random.int(2)}`;
    if (what < 6) run.begin(run.anyone(), new Read(register, processes));
    else if (what < 11) run.begin(run.writer(), new Write(register, run.freshValue(), processes));
    else if (what === 11) run.abandonOne();
    else if (what < 15) run.registers.rule(trouble(random));
    else if (what === 15 && random.int(4) === 0 && crashes < mayCrash) {
      crashes += 1;
      run.crash(random.pick(run.alive));
    }
    run.advance(random.pick([0, 1, 3, 10, 40]));
  }
  registers.rule(() => [1 + random.int(5)]);
  run.advance(finallyMs);
}

/** Messages travel for up to so long, and overtake one another; some are lost, some doubled. */
function trouble(random: Random): (from: Address, to: Address) => readonly number[] {
  const slowestMs = random.pick([2, 20, 200, 900]);
  const lost = random.pick([0, 0, 0.3]);
  const doubled = random.pick([0, 0.3]);
  return () => {
    if (random.float() < lost) return [];
    const copies = random.float() < doubled ? 2 : 1;
    return Array.from({ length: copies }, () => random.int(slowestMs));
  };
}

/** A run under way: asks, and keeps what the askers saw. */
class Run {
  readonly #calls = new Map<Read | Write, { process: Address; call: Call }>();
  readonly #over = new Set<Read | Write>();
  #crashed: readonly Address[] = [];
  #moment = 0;
  #values = 0;
  surplusAnswers = 0;

  constructor(
    readonly registers: Registers,
    readonly writers: 'all' | 'first',
  ) {}

  get alive(): readonly Address[] {
    return this.registers.processes.filter((process) => !this.#crashed.includes(process));
  }

  anyone(): Address {
    return this.registers.random.pick(this.alive);
  }

  /** A process that may write; a crashed one if the only one crashed. */
  writer(): Address {
    const [first] = this.registers.processes;
    return this.writers === 'all' || first === undefined ? this.anyone() : first;
  }

  freshValue(): Uint8Array {
    this.#values += 1;
    return bytesOf(String(this.#values));
  }

  begin(process: Address, request: Read | Write): void {
    if (this.#crashed.includes(process)) return;
    const written = request instanceof Write ? textOf(request.value) : undefined;
    const call = { written, invokedAt: this.#tick(), returnedAt: Infinity, found: undefined };
    this.#calls.set(request, { process, call });
    this.registers.ask(process, request);
    this.#listen();
  }

  abandonOne(): void {
    const running = [...this.#calls].filter(
      ([request, { process }]) => !this.#over.has(request) && !this.#crashed.includes(process),
    );
    if (running.length === 0) return;
    const [request, { process }] = this.registers.random.pick(running);
    this.registers.ask(process, new Abandon(request));
    this.#listen();
  }

  crash(process: Address): void {
    this.registers.crash(process);
    this.#crashed = [...this.#crashed, process];
  }

  advance(ms: number): void {
    this.registers.advance(ms);
    this.#listen();
  }

  write(register: string, value: string): void {
    this.begin(this.writer(), new Write(register, bytesOf(value), this.registers.processes));
    this.advance(finallyMs);
  }

  /** What each process that is alive reads, one after the other. */
  readEverywhere(register: string): readonly (string | undefined)[] {
    return this.alive.map((process) => {
      const read = new Read(register, this.registers.processes);
      this.begin(process, read);
      this.advance(finallyMs);
      return this.#over.has(read) ? this.#calls.get(read)?.call.found : 'no answer';
    });
  }

  /** Operations at correct processes which have no answer. */
  get unanswered(): number {
    return [...this.#calls].filter(
      ([request, { process }]) => !this.#over.has(request) && !this.#crashed.includes(process),
    ).length;
  }

  verdict(): { unanswered: number; surplusAnswers: number; notAtomic: readonly string[] } {
    const byRegister = new Map<string, Call[]>();
    for (const [{ register }, { call }] of this.#calls) {
      byRegister.set(register, [...(byRegister.get(register) ?? []), call]);
    }
    const wrong = [...byRegister].filter(([, calls]) => !isAtomic(calls));
    const notAtomic = wrong.map(([register, calls]) => `${register}: ${JSON.stringify(calls)}`);
    const { unanswered, surplusAnswers } = this;
    return { unanswered, surplusAnswers, notAtomic };
  }

  #tick(): number {
    this.#moment += 1;
    return this.#moment;
  }

  #listen(): void {
    for (const answer of this.registers.answers()) {
      const request = requestOf(answer);
      const made = this.#calls.get(request);
      if (!made || this.#over.has(request)) this.surplusAnswers += 1;
      this.#over.add(request);
      if (!made) continue;
      if (answer instanceof ReadReturn) {
        made.call.found = answer.value && textOf(answer.value);
      }
      if (!(answer instanceof Abandoned)) made.call.returnedAt = this.#tick();
      else if (answer.outcome === 'not executed') this.#calls.delete(request);
    }
  }
}

function requestOf(answer: ReadReturn | WriteReturn | Abandoned): Read | Write {
  if (answer instanceof Abandoned) return answer.request;
  return answer instanceof ReadReturn ? answer.read : answer.write;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
