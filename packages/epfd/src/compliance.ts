import type { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { Told, type Restore, type Suspect } from './port';

/** Processes with a detector each, in virtual time; each follows all the others from the start. */
export interface Detectors {
  readonly processes: readonly Address[];
  /** Chance of this run, from its seed. */
  readonly random: Random;
  /** What the detector of `watcher` has indicated since the last call. */
  indicationsAt(watcher: Address): readonly (Suspect | Restore | Told)[];
  /** Asks the detector of `process` to tell that. */
  tell(process: Address, topic: string, news: Uint8Array): void;
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

/** Tests EPFD1, EPFD2 and News on any provider of the port; call it within a `describe`. */
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

  testNews(setUp, { test, expect });

  for (let seed = 1; seed <= 12; seed += 1) {
    test(`EPFD1, EPFD2, News: after any schedule of crashes, delays, losses and stalls, seed ${seed}`, () => {
      const detectors = setUp({ count: 5, seed: `schedule ${seed}` });
      const observed = new Observed(detectors);

      const crashed = playSchedule(detectors, observed);

      const correct = detectors.processes.filter((process) => !crashed.includes(process));
      expectFinalVerdict(expect, observed, correct, crashed);
      expectNewsOf(expect, observed, correct);
    });
  }
}

function testNews(setUp: (init: DetectorsInit) => Detectors, { test, expect }: TestRunner): void {
  test('News: all who follow a process are told the newest of each topic, once', () => {
    const detectors = setUp({ count: 3, seed: 'news' });
    const [teller] = existing(detectors.processes[0]);
    const observed = new Observed(detectors);
    for (const text of ['early', 'late']) {
      if (teller) observed.tell(teller, 'view', text);
      if (teller) observed.tell(teller, 'eld', text);
      observed.advance(5_000);
    }
    expectNewsOf(expect, observed, detectors.processes);
    const { tidings } = observed;
    expect(tidings).toStrictEqual(2 * 2 * 2);
    observed.advance(finallyMs);
    expect(observed.tidings).toStrictEqual(tidings);
  });
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

/** Each of the `correct` has been told the newest by all others of them, and nothing that was not told. */
function expectNewsOf(
  expect: TestRunner['expect'],
  observed: Observed,
  correct: readonly Address[],
): void {
  for (const teller of correct) {
    for (const watcher of correct.filter((process) => process !== teller)) {
      expect(observed.newsAt(watcher, teller)).toStrictEqual(observed.newsAt(teller, teller));
    }
  }
  expect(observed.neverTold).toStrictEqual([]);
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
    } else if (what < 8) {
      observed.tell(process, random.pick(['view', 'eld']), `news ${step}`);
    }
    observed.advance(random.int(20_000));
  }
  const slowestMs = 1 + random.int(1_000);
  detectors.rule(() => random.int(slowestMs));
  return crashed;
}

/** Keeps what detectors indicate, who is suspected by whom now, and what is told. */
class Observed {
  readonly #detectors: Detectors;
  readonly #suspected = new Map<Address, Set<Address>>();
  readonly outOfTurn: (Suspect | Restore)[] = [];
  /** What each has told, at itself, and has been told. */
  readonly #news = new Map<Address, Map<Address, Record<string, string>>>();
  readonly #everTold = new Set<string>();
  readonly neverTold: string[] = [];
  indications = 0;
  tidings = 0;

  constructor(detectors: Detectors) {
    this.#detectors = detectors;
  }

  suspectedBy(watcher: Address): ReadonlySet<Address> {
    return this.#suspected.get(watcher) ?? new Set();
  }

  newsAt(watcher: Address, teller: Address): Readonly<Record<string, string>> {
    return this.#news.get(watcher)?.get(teller) ?? {};
  }

  tell(process: Address, topic: string, text: string): void {
    this.#detectors.tell(process, topic, Buffer.from(text));
    this.#everTold.add(`${process} ${topic} ${text}`);
    this.#learn(process, process, topic, text);
  }

  #learn(watcher: Address, teller: Address, topic: string, text: string): void {
    const byTeller = this.#news.get(watcher) ?? new Map<Address, Record<string, string>>();
    this.#news.set(watcher, byTeller.set(teller, { ...byTeller.get(teller), [topic]: text }));
    const tiding = `${teller} ${topic} ${text}`;
    if (!this.#everTold.has(tiding)) this.neverTold.push(tiding);
  }

  advance(ms: number): void {
    this.#detectors.advance(ms);
    for (const watcher of this.#detectors.processes) {
      const suspected = this.#suspected.get(watcher) ?? new Set();
      this.#suspected.set(watcher, suspected);
      for (const indication of this.#detectors.indicationsAt(watcher)) {
        if (indication instanceof Told) {
          this.tidings += 1;
          const { process, topic, news } = indication;
          this.#learn(watcher, process, topic, Buffer.from(news).toString());
          continue;
        }
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
