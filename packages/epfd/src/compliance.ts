import type { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import type { Restore, Suspect } from './port';

/** Processes with a detector each, in virtual time; each follows all the others from the start. */
export interface Detectors {
  readonly processes: readonly Address[];
  /** Chance of this run, from its seed. */
  readonly random: Random;
  /** What the detector of `watcher` has indicated since the last call. */
  indicationsAt(watcher: Address): readonly (Suspect | Restore)[];
  /** Rules how long messages from one process to another travel; Infinity loses them. */
  rule(delayMs: (from: Address, to: Address) => number): void;
  crash(process: Address): void;
  /** `process` stands still for so long, then handles what has come in the meantime, timeouts first. */
  stall(process: Address, forMs: number): void;
  advance(ms: number): void;
}

export interface DetectorsInit {
  readonly count: number;
  readonly seed: string;
}

/** What this suite needs of a test runner; Jest and Vitest have it. */
export interface TestRunner {
  readonly test: (name: string, run: () => void) => void;
  readonly expect: (actual: unknown) => { toStrictEqual(expected: unknown): void };
}

/** Long enough for a detector to learn delays of some seconds. */
const finallyMs = 6 * 60_000;

/** Tests EPFD1 and EPFD2 on any provider of the port; call it within a `describe`. */
export function complianceOfEventuallyPerfectFailureDetector(
  setUp: (init: DetectorsInit) => Detectors,
  { test, expect }: TestRunner,
): void {
  test('EPFD1: a crashed process is finally suspected by every correct one, for good', () => {
    const detectors = setUp({ count: 4, seed: 'crash' });
    const [p, q, r, s] = detectors.processes;
    const observed = new Observed(detectors);
    observed.advance(3_000);

    for (const process of [p, r]) if (process) detectors.crash(process);

    expectFinalVerdict(expect, observed, existing(q, s), existing(p, r));
  });

  test('EPFD2: a slow link finally makes nobody suspected', () => {
    const detectors = setUp({ count: 3, seed: 'slow link' });
    const [slow] = detectors.processes;
    detectors.rule((from, to) => (from === slow || to === slow ? 1_900 : 5));

    expectFinalVerdict(expect, new Observed(detectors), detectors.processes, []);
  });

  test('EPFD2: a partition that heals finally leaves nobody suspected', () => {
    const detectors = setUp({ count: 4, seed: 'partition' });
    const observed = new Observed(detectors);
    const left = new Set(detectors.processes.slice(0, 2));
    observed.advance(3_000);

    detectors.rule((from, to) => (left.has(from) === left.has(to) ? 5 : Infinity));
    observed.advance(60_000);
    for (const watcher of detectors.processes) {
      const far = detectors.processes.filter((process) => left.has(process) !== left.has(watcher));
      expect([...observed.suspectedBy(watcher)].sort()).toStrictEqual([...far].sort());
    }
    detectors.rule(() => 5);

    expectFinalVerdict(expect, observed, detectors.processes, []);
  });

  test('EPFD2: a process that stood still finally suspects nobody, and nobody suspects it', () => {
    const detectors = setUp({ count: 3, seed: 'stall' });
    const observed = new Observed(detectors);
    const [stalled] = existing(detectors.processes[0]);
    observed.advance(3_000);

    if (stalled) detectors.stall(stalled, 20_000);
    observed.advance(25_000);

    expectFinalVerdict(expect, observed, detectors.processes, []);
  });

  for (let seed = 1; seed <= 12; seed += 1) {
    test(`EPFD1, EPFD2: after any schedule of crashes, delays, losses and stalls, seed ${seed}`, () => {
      const detectors = setUp({ count: 5, seed: `schedule ${seed}` });
      const observed = new Observed(detectors);

      const crashed = playSchedule(detectors, observed);

      const correct = detectors.processes.filter((process) => !crashed.includes(process));
      expectFinalVerdict(expect, observed, correct, crashed);
    });
  }
}

/** Just the crashed ones are suspected by each correct one, and nothing changes any more. */
function expectFinalVerdict(
  expect: TestRunner['expect'],
  observed: Observed,
  correct: readonly Address[],
  crashed: readonly Address[],
): void {
  observed.advance(finallyMs);
  for (const watcher of correct) {
    expect([...observed.suspectedBy(watcher)].sort()).toStrictEqual([...crashed].sort());
  }
  const { indications } = observed;
  observed.advance(finallyMs);
  expect(observed.indications).toStrictEqual(indications);
  expect(observed.outOfTurn).toStrictEqual([]);
}

/** Some minutes of trouble, then a network whose delays are bounded again. Returns who crashed. */
function playSchedule(detectors: Detectors, observed: Observed): readonly Address[] {
  const { random, processes } = detectors;
  const crashed: Address[] = [];
  for (let step = 0; step < 40; step += 1) {
    const process = random.pick(processes);
    const what = random.int(10);
    if (what === 0 && crashed.length < 3 && !crashed.includes(process)) {
      crashed.push(process);
      detectors.crash(process);
    } else if (what < 3) {
      detectors.stall(process, random.int(15_000));
    } else if (what < 6) {
      const lost = random.float();
      const slowestMs = 1 + random.int(4_000);
      detectors.rule(() => (random.float() < lost ? Infinity : random.int(slowestMs)));
    }
    observed.advance(random.int(20_000));
  }
  const slowestMs = 1 + random.int(1_000);
  detectors.rule(() => random.int(slowestMs));
  return crashed;
}

/** Keeps what detectors indicate, and who is suspected by whom now. */
class Observed {
  readonly #detectors: Detectors;
  readonly #suspected = new Map<Address, Set<Address>>();
  readonly outOfTurn: (Suspect | Restore)[] = [];
  indications = 0;

  constructor(detectors: Detectors) {
    this.#detectors = detectors;
  }

  suspectedBy(watcher: Address): ReadonlySet<Address> {
    return this.#suspected.get(watcher) ?? new Set();
  }

  advance(ms: number): void {
    this.#detectors.advance(ms);
    for (const watcher of this.#detectors.processes) {
      const suspected = this.#suspected.get(watcher) ?? new Set();
      this.#suspected.set(watcher, suspected);
      for (const indication of this.#detectors.indicationsAt(watcher)) {
        this.indications += 1;
        const { process, type } = indication;
        if (suspected.has(process) === (type === 'Suspect')) this.outOfTurn.push(indication);
        if (type === 'Suspect') suspected.add(process);
        else suspected.delete(process);
      }
    }
  }
}

function existing(...processes: readonly (Address | undefined)[]): readonly Address[] {
  return processes.filter((process) => process !== undefined);
}
