import type { Random } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { Owner, type Participants } from './owner';

export type { Participants } from './owner';

export interface ParticipantsInit {
  readonly count: number;
  readonly seed: string;
}

/** What this suite needs of a test runner; Jest and Vitest have it. */
export interface TestRunner {
  readonly test: (name: string, run: () => void) => void;
  readonly expect: (actual: unknown) => { toStrictEqual(expected: unknown): void };
}

/** Long enough for any phase to be repeated, and any ballot to be refused, some times. */
const finallyMs = 120_000;

/** Tests UC1 to UC4, Behind and Ahead on any provider of the port; call it within a `describe`. */
export function complianceOfConsensus(
  setUp: (init: ParticipantsInit) => Participants,
  { test, expect }: TestRunner,
): void {
  for (const count of [1, 2, 3, 5]) {
    test(`UC1, UC2: one proposer of ${count} has its value decided, and the others told`, () => {
      const owner = new Owner(setUp({ count, seed: 'one proposer' }));
      owner.propose(owner.anyone(), 'value');
      owner.advance(finallyMs);

      expect(owner.decisions(1)).toStrictEqual(Array(count).fill('value'));
      expect(owner.flaws).toStrictEqual([]);
    });
  }

  testTermination(setUp, { test, expect });

  test('UC4: whenever a proposer crashes, what it may have decided is decided', () => {
    for (let crashAtMs = 0; crashAtMs <= 8; crashAtMs += 1) {
      const owner = new Owner(setUp({ count: 5, seed: `crash at ${crashAtMs}` }));
      const [first, second] = owner.participants.processes;
      if (!first || !second) return;
      owner.propose(first, 'value');
      owner.advance(crashAtMs);
      owner.crash(first);
      owner.propose(second, 'other');
      owner.advance(finallyMs);

      expect(owner.undecided).toStrictEqual([]);
      expect(owner.flaws).toStrictEqual([]);
    }
  });

  test('Behind, Ahead: who proposes in a lower instance is named, and hears of the higher one', () => {
    const owner = new Owner(setUp({ count: 3, seed: 'behind' }), { helps: false });
    const [late, ...others] = owner.participants.processes;
    if (late === undefined) return;
    for (const process of others) owner.serve(process, 2);
    owner.propose(late, 'value');
    owner.advance(100);
    expect(owner.hints).toStrictEqual(others.map((process) => `${process}: Behind ${late} in 1`));

    owner.hints.length = 0;
    const [ahead] = others;
    if (ahead !== undefined) owner.propose(ahead, 'value');
    owner.advance(100);
    expect(owner.hints.includes(`${late}: Ahead ${ahead ?? ''} in 2`)).toStrictEqual(true);
  });

  testSchedules(setUp, { test, expect });
}

function testTermination(
  setUp: (init: ParticipantsInit) => Participants,
  { test, expect }: TestRunner,
): void {
  test('UC1: with a minority crashed, and all others proposing, each of them decides', () => {
    const owner = new Owner(setUp({ count: 5, seed: 'minority' }));
    for (const process of owner.participants.processes.slice(3)) owner.crash(process);
    for (const process of owner.alive) owner.propose(process, `of ${process}`);
    owner.advance(finallyMs);

    expect(owner.undecided).toStrictEqual([]);
    expect(owner.flaws).toStrictEqual([]);
  });

  test('UC1: what was lost is repeated until a majority can be reached again', () => {
    const owner = new Owner(setUp({ count: 3, seed: 'partition' }));
    owner.participants.rule(() => []);
    const proposer = owner.anyone();
    owner.propose(proposer, 'value');
    owner.advance(finallyMs);
    expect(owner.decisions(1)).toStrictEqual([undefined, undefined, undefined]);
    owner.participants.rule(() => [1]);
    owner.advance(finallyMs);

    expect(owner.decisionOf(proposer, 1)).toStrictEqual('value');
  });

  test('UC1: who missed a decision hears it when it proposes', () => {
    const owner = new Owner(setUp({ count: 3, seed: 'missed' }));
    const [first, second, third] = owner.participants.processes;
    if (!first || !second || !third) return;
    owner.participants.rule((_from, to) => (to === third ? [] : [1]));
    owner.propose(first, 'value');
    owner.advance(finallyMs);
    expect(owner.decisions(1)).toStrictEqual(['value', 'value', undefined]);
    owner.crash(first);
    owner.participants.rule(() => [1]);
    owner.propose(third, 'other');
    owner.advance(finallyMs);

    expect(owner.decisionOf(third, 1)).toStrictEqual('value');
  });
}

/** How many random schedules are played with so many processes. */
const schedulesByCount = [
  [2, 30],
  [3, 120],
  [4, 60],
  [5, 90],
] as const;

function testSchedules(
  setUp: (init: ParticipantsInit) => Participants,
  { test, expect }: TestRunner,
): void {
  for (const [count, schedules] of schedulesByCount) {
    test(`UC1 to UC4: ${count} processes, ${schedules} schedules`, () => {
      for (let seed = 1; seed <= schedules; seed += 1) {
        const owner = new Owner(setUp({ count, seed: `schedule ${seed}` }));
        playSchedule(owner);
        const { flaws, undecided } = owner;
        expect({ seed, flaws, undecided }).toStrictEqual({ seed, flaws: [], undecided: [] });
      }
    });
  }
}

/** Instance after instance, with proposers that come and go in the midst of delays, losses and crashes. */
function playSchedule(owner: Owner): void {
  const { participants } = owner;
  const { random, processes } = participants;
  const fewestAcceptors = processes.length < 4 ? processes.length : processes.length - 1;
  const mayCrash = Math.ceil(fewestAcceptors / 2) - 1;
  for (let step = 0; step < 60; step += 1) {
    const what = random.int(20);
    if (what < 8) owner.propose(owner.anyone(), `value ${step}`);
    else if (what < 11) owner.withdraw(owner.anyone());
    else if (what < 14) for (const process of owner.alive) owner.serveNext(process);
    else if (what < 18) participants.rule(trouble(random));
    else if (what === 18 && random.int(3) === 0 && owner.crashes < mayCrash) {
      owner.crash(owner.anyone());
    }
    owner.advance(random.pick([0, 1, 3, 10, 40, 600]));
  }
  participants.rule(() => [1 + random.int(5)]);
  owner.bringTogether();
  for (const process of owner.alive) owner.propose(process, `last of ${process}`);
  owner.advance(finallyMs);
}

/** Messages travel for up to so long, and overtake one another; some are lost, some doubled. */
function trouble(random: Random): (from: Address, to: Address) => readonly number[] {
  const slowestMs = random.pick([2, 20, 200, 2_000]);
  const lost = random.pick([0, 0.2, 0.5]);
  const doubled = random.pick([0, 0.3]);
  return () => {
    if (random.float() < lost) return [];
    const copies = random.float() < doubled ? 2 : 1;
    return Array.from({ length: copies }, () => random.int(slowestMs));
  };
}
