import type { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import type { Trust } from './port';

/** Processes with a leader detector each, in virtual time. */
export interface Electors {
  readonly processes: readonly Address[];
  /** Chance of this run, from its seed. */
  readonly random: Random;
  setCandidates(process: Address, candidates: readonly Address[]): void;
  /** What the detector of `process` has indicated since the last call. */
  indicationsAt(process: Address): readonly Trust[];
  /** Rules how long messages from one process to another travel; Infinity loses them. */
  rule(delayMs: (from: Address, to: Address) => number): void;
  crash(process: Address): void;
  advance(ms: number): void;
}

export interface ElectorsInit {
  readonly count: number;
  readonly seed: string;
}

/** What this suite needs of a test runner; Jest and Vitest have it. */
export interface TestRunner {
  readonly test: (name: string, run: () => void) => void;
  readonly expect: (actual: unknown) => { toStrictEqual(expected: unknown): void };
}

/** Long enough for a failure detector below to learn delays of a second, and to be trusted again. */
const finallyMs = 80_000;

/** Tests ELD1, ELD2 and Quorum on any provider of the port; call it within a `describe`. */
export function complianceOfEventualLeaderDetector(
  setUp: (init: ElectorsInit) => Electors,
  { test, expect }: TestRunner,
): void {
  test('ELD1, ELD2: a candidate that is alone trusts itself', () => {
    const run = new Run(setUp({ count: 1, seed: 'alone' }));
    run.nominate(1);

    expectOneLeader(expect, run);
  });

  test('ELD1, ELD2: leaders that crash are followed by a correct one, while a majority is correct', () => {
    const run = new Run(setUp({ count: 7, seed: 'crash' }));
    run.nominate(5);
    for (let crashes = 0; crashes <= 2; crashes += 1) {
      expectOneLeader(expect, run);
      const [process] = run.alive;
      const leader = process && run.trustedBy(process);
      if (leader !== undefined) run.crash(leader);
    }
  });

  test('ELD1, ELD2: a partition that heals leaves one leader', () => {
    const run = new Run(setUp({ count: 5, seed: 'partition' }));
    const left = new Set(run.electors.processes.slice(0, 2));
    run.nominate(5);
    run.advance(3_000);
    run.electors.rule((from, to) => (left.has(from) === left.has(to) ? 5 : Infinity));
    run.advance(finallyMs);
    run.electors.rule(() => 5);

    expectOneLeader(expect, run);
  });

  test('ELD1, ELD2: other candidates finally have one leader, of themselves', () => {
    const run = new Run(setUp({ count: 6, seed: 'candidates' }));
    const [first, second] = [run.electors.processes.slice(0, 3), run.electors.processes.slice(3)];
    run.nominate(3);
    expectOneLeader(expect, run);
    for (const process of run.alive) {
      run.electors.setCandidates(process, second);
      run.advance(run.electors.random.int(4_000));
    }
    run.candidates = second;
    for (const process of first) run.crash(process);

    expectOneLeader(expect, run);
  });

  testQuorum(setUp, { test, expect });

  for (let seed = 1; seed <= 8; seed += 1) {
    test(`ELD1, ELD2: after any schedule of crashes, delays and losses, seed ${seed}`, () => {
      const run = new Run(setUp({ count: 6, seed: `schedule ${seed}` }));
      run.nominate(5);
      playSchedule(run);

      expectOneLeader(expect, run);
    });
  }
}

function testQuorum(setUp: (init: ElectorsInit) => Electors, { test, expect }: TestRunner): void {
  for (let seed = 1; seed <= 12; seed += 1) {
    test(`Quorum: over any links that are up or down for good, seed ${seed}`, () => {
      const run = new Run(setUp({ count: 6, seed: `links ${seed}` }));
      run.nominate(5);
      run.advance(3_000);
      const links = someLinks(run);
      run.electors.rule((from, to) => (links.up(from, to) ? 5 : Infinity));

      expectQuorum(expect, run, links);
    });
  }
}

/** All who are alive trust the same one of the candidates that are alive, and this does not change. */
function expectOneLeader(expect: TestRunner['expect'], run: Run): void {
  run.advance(finallyMs);
  const trusted = new Set(run.alive.map((process) => run.trustedBy(process)));
  const [leader] = trusted;
  expect(trusted.size).toStrictEqual(1);
  expect(leader !== undefined && run.alive.includes(leader)).toStrictEqual(true);
  expect(leader !== undefined && run.candidates.includes(leader)).toStrictEqual(true);
  expectLasting(expect, run);
}

function expectQuorum(expect: TestRunner['expect'], run: Run, links: Links): void {
  run.advance(finallyMs);
  const { candidates, alive } = run;
  const quorate = candidates.filter((candidate) => {
    const heard = candidates.filter((other) => links.joined(candidate, other));
    return heard.length > candidates.length / 2;
  });
  const leading = quorate.filter((candidate) => run.trustedBy(candidate) === candidate);
  expect(leading.length > 0).toStrictEqual(quorate.length > 0);
  const misled = alive.filter((process) => {
    const leader = run.trustedBy(process);
    return leader !== undefined && !(quorate.includes(leader) && links.joined(process, leader));
  });
  expect(misled).toStrictEqual([]);
  expectLasting(expect, run);
}

function expectLasting(expect: TestRunner['expect'], run: Run): void {
  const { changes } = run;
  run.advance(finallyMs);
  expect(run.changes).toStrictEqual(changes);
  expect(run.repeated).toStrictEqual(0);
}

/** Which messages arrive. */
interface Links {
  up(from: Address, to: Address): boolean;
  /** Both directions are up: the two hear one another. */
  joined(one: Address, other: Address): boolean;
}

function someLinks({ electors: { processes, random } }: Run): Links {
  const share = random.pick([0.3, 0.5, 0.7]);
  const downBothWays = new Set<string>();
  const down = new Set<string>();
  processes.forEach((one, index) => {
    for (const other of processes.slice(index + 1)) {
      const links = [`${one} ${other}`, `${other} ${one}`];
      if (random.float() < share) for (const link of links) downBothWays.add(link);
      else if (random.float() < 0.1) down.add(random.pick(links));
    }
  });
  const up = (from: Address, to: Address): boolean =>
    !downBothWays.has(`${from} ${to}`) && !down.has(`${from} ${to}`);
  return { up, joined: (one, other) => up(one, other) && up(other, one) };
}

/** Some minutes of trouble, then a network whose delays are bounded again. */
function playSchedule(run: Run): void {
  const { electors, candidates } = run;
  const { random } = electors;
  const mayCrash = Math.ceil(candidates.length / 2) - 1;
  for (let step = 0; step < 40; step += 1) {
    const what = random.int(10);
    const crashed = electors.processes.length - run.alive.length;
    if (what === 0 && crashed < mayCrash) {
      run.crash(random.pick(run.alive));
    } else if (what < 4) {
      const links = someLinks(run);
      electors.rule((from, to) => (links.up(from, to) ? 5 : Infinity));
    } else if (what < 6) {
      const lost = random.float();
      const slowestMs = 1 + random.int(4_000);
      electors.rule(() => (random.float() < lost ? Infinity : random.int(slowestMs)));
    }
    run.advance(random.int(20_000));
  }
  const slowestMs = 1 + random.int(1_000);
  electors.rule(() => random.int(slowestMs));
}

/** A run under way: keeps who trusts whom. */
class Run {
  readonly #trusted = new Map<Address, Address | undefined>();
  readonly #crashed = new Set<Address>();
  candidates: readonly Address[] = [];
  changes = 0;
  /** Indications that changed nothing. */
  repeated = 0;

  constructor(readonly electors: Electors) {}

  get alive(): readonly Address[] {
    return this.electors.processes.filter((process) => !this.#crashed.has(process));
  }

  trustedBy(process: Address): Address | undefined {
    return this.#trusted.get(process);
  }

  /** Tells every process that the first `count` of them are the candidates. */
  nominate(count: number): void {
    this.candidates = this.electors.processes.slice(0, count);
    for (const process of this.alive) this.electors.setCandidates(process, this.candidates);
  }

  crash(process: Address): void {
    this.#crashed.add(process);
    this.electors.crash(process);
  }

  advance(ms: number): void {
    this.electors.advance(ms);
    for (const process of this.electors.processes) {
      for (const { leader } of this.electors.indicationsAt(process)) {
        this.changes += 1;
        if (leader === this.#trusted.get(process)) this.repeated += 1;
        this.#trusted.set(process, leader);
      }
    }
  }
}
