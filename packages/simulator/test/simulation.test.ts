import { spawnSync } from 'node:child_process';

import { Component, Start, type Context } from '@jbstore/core';
import { Write } from '@jbstore/register/port';

import {
  RealWorldError,
  Simulation,
  pathsNotTaken,
  quiet,
  sandboxed,
  atMostOnce,
  standard,
  type Action,
  type Invariant,
  type Outcome,
} from '../src';
import type { CrashAction } from '../src/plan';

function run(seed: string, scenario = standard): Outcome {
  return new Simulation(scenario, seed).run();
}

/** Fails as it begins. */
class Faulty extends Component {
  constructor(context: Context) {
    super(context);
    this.control.upon(Start, () => {
      throw new Error('as it was asked to');
    });
  }
}

/** A death after which nobody begins in that place. */
function deathOf(place: string, atMs: number): CrashAction {
  return { kind: 'crash', atMs, place, afterEvents: 0, restartMs: null, identity: 'new' };
}

describe('a run', () => {
  test('is the same for the same seed, and another for another one', () => {
    const first = run('seed 1');

    expect(run('seed 1')).toStrictEqual(first);
    expect(run('seed 2').traceHash).not.toBe(first.traceHash);
    expect(run('seed 1', quiet).traceHash).not.toBe(first.traceHash);
  });

  test('is the same in another process', () => {
    const program = `
      const { Simulation, quiet } = require('../src');
      console.log(new Simulation(quiet, 'seed 1').run().traceHash);
    `;
    const options = { cwd: __dirname, encoding: 'utf8' as const };
    const { stdout } = spawnSync(
      process.execPath,
      ['-C', 'source', '-r', 'ts-node/register', '-e', program],
      options,
    );

    expect(stdout.trim()).toBe(run('seed 1', quiet).traceHash);
  });

  test('in which nothing goes wrong does all that is asked', () => {
    const { verdict, failure, operations, faults } = run('seed 1', quiet);

    expect({ verdict, failure }).toStrictEqual({ verdict: 'passed', failure: undefined });
    expect(operations).toStrictEqual({ ok: 300, unavailable: 0, unknown: 0 });
    expect(faults).toStrictEqual({});
  });

  test('follows the plan that it is given', () => {
    const { plan, history, traceHash } = run('seed 1');
    const without = { ...plan, actions: plan.actions.filter(({ kind }) => kind === 'operation') };

    const again = new Simulation(standard, 'seed 1', { plan }).run();
    const fewer = new Simulation(standard, 'seed 1', { plan: without }).run();

    expect(again).toMatchObject({ history, traceHash });
    expect(fewer.traceHash).not.toBe(traceHash);
    expect(Object.keys(fewer.faults)).not.toContain('crash');
    expect(JSON.parse(JSON.stringify(plan))).toStrictEqual(plan);
  });
});

test('a run has another hash if messages are to arrive at another time, though none has arrived', () => {
  const { plan } = run('seed 1', quiet);
  const hashOf = (latencyMs: number): string => {
    const latency = { leastMs: latencyMs, mostMs: latencyMs, stragglers: 0, stragglerMs: 0 };
    const short = { ...plan, actions: [], latency, healAtMs: 1, deadlineMs: 2 };
    return new Simulation(quiet, 'seed 1', { plan: short }).run().traceHash;
  };

  expect(hashOf(5)).toBe(hashOf(5));
  expect(hashOf(5)).not.toBe(hashOf(6));
});

test('a run that does not finish in time is stuck, and says with what', () => {
  const { plan } = run('seed 1', quiet);

  const hasty = new Simulation(quiet, 'seed 1', { plan: { ...plan, deadlineMs: 2_000 } }).run();

  expect(hasty).toMatchObject({ verdict: 'failed', failure: { kind: 'stuck', atMs: 2_000 } });
  expect(hasty.failure?.what).toMatch(/^(put|get) of [abcd] by c[0-7]/);
});

test('a run in which events make events, and time stands still, is stuck', () => {
  let left = 300_000;
  const spin: Invariant = {
    name: 'spin',
    check: (_world, { process }) => {
      const again = (): void => {
        left -= 1;
        if (left > 0) process.lane.soon(again);
      };
      if (left === 300_000) again();
      return undefined;
    },
  };

  const { failure } = new Simulation(quiet, 'seed 1', { invariants: [() => spin] }).run();

  expect(failure?.kind).toBe('stuck');
  expect(failure?.what).toContain('time stands still');
});

describe('I16: a healed run is stuck as long as', () => {
  const healAtMs = 4_000;
  const endOf = (action: Action, patienceMs: number): Outcome['failure'] => {
    const { plan } = run('seed 1', quiet);
    const settings = { ...plan.settings, heartbeatDelayMs: 500, tickMs: 10 };
    const deadlineMs = healAtMs + patienceMs;
    const hasty = { ...plan, settings, actions: [action], healAtMs, deadlineMs };
    return new Simulation(quiet, 'seed 1', { plan: hasty }).run().failure;
  };

  test('a node suspects one that is there', () => {
    const directions = [['n0', 'n1']] as const;
    const silence = { kind: 'wrong suspicion', atMs: 1_000, lastsMs: 10_000, directions } as const;

    const failure = endOf(silence, 1);

    expect(failure?.kind).toBe('stuck');
    expect(failure?.what).toMatch(/n1@\S+ suspects n0@\S+$/);
  });

  test('a node does not suspect one that is dead', () => {
    const failure = endOf(deathOf('n4', healAtMs - 1), 200);

    expect(failure?.kind).toBe('stuck');
    expect(failure?.what.split('; ')).toHaveLength(4);
    expect(failure?.what).toMatch(/^n0@\S+ does not suspect n4@\S+;/);
  });
});

describe('a cluster that can never have a view', () => {
  const { plan } = run('seed 1', quiet);
  const outcomeOf = (actions: readonly Action[]): Outcome =>
    new Simulation(quiet, 'seed 1', {
      plan: { ...plan, actions: [deathOf('n0', 1), ...actions] },
    }).run();

  test('owes nothing', () => {
    const { verdict, operations } = outcomeOf(plan.actions);

    expect(verdict).toBe('passed');
    expect(operations.ok).toBe(0);
  });

  test('has another hash if another value was to be put, though no message tells of it', () => {
    const [put] = plan.actions.filter(({ kind }) => kind === 'operation');
    if (put?.kind !== 'operation') throw new Error('the plan asks for nothing');
    const hashOf = (value: string): string =>
      outcomeOf([{ ...put, operation: 'put', value }]).traceHash;

    expect(hashOf('one')).toBe(hashOf('one'));
    expect(hashOf('one')).not.toBe(hashOf('two'));
  });
});

test('a run in which a component fails has failed, and says which', () => {
  let planted = false;
  const plants: Invariant = {
    name: 'plants',
    check: (_world, { process }) => {
      if (!planted) process.system.create(Faulty);
      planted = true;
      return undefined;
    },
  };

  const { failure } = new Simulation(quiet, 'seed 1', { invariants: [() => plants] }).run();

  expect(failure?.kind).toBe('fault');
  expect(failure?.what).toMatch(/Faulty of .*: Error: as it was asked to/);
});

test('a run of which the history is not linearizable has failed, whatever else it did', () => {
  const scenario = { ...quiet, register: 'multi-writer' } as const;
  const { plan } = run('seed 1', scenario);
  const lie: Invariant = {
    name: 'lie',
    check: (_world, { event }) => {
      if (event instanceof Write) event.value.fill(0x7e); // It is imposed later.
      return undefined;
    },
  };

  const { verdict, failure } = new Simulation(scenario, 'seed 1', {
    plan,
    invariants: [() => lie],
  }).run();

  expect({ verdict, kind: failure?.kind }).toEqual({ verdict: 'failed', kind: 'not linearizable' });
});

test('a process that takes the identity of another one has chance of its own', () => {
  const seeds = new Set<string>();
  const addresses = new Set<string>();
  const plan = {
    ...run('seed 1', quiet).plan,
    actions: [1_100, 1_300].map((atMs) => {
      const crash = { kind: 'crash', place: 'n1', afterEvents: 0, restartMs: 10 } as const;
      return { ...crash, atMs, identity: 'same' } as const;
    }),
  };
  const watch: Invariant = {
    name: 'watch',
    check: (_world, { process }) => {
      if (process.place !== 'n1') return undefined;
      addresses.add(process.self);
      seeds.add(process.system.seed);
      return undefined;
    },
  };

  new Simulation(quiet, 'seed 1', { plan, invariants: [() => watch] }).run();

  expect(addresses.size).toBe(1);
  expect(seeds.size).toBe(3);
});

describe('the sandbox', () => {
  test.each<[string, () => unknown]>([
    ['Date.now', () => Date.now()],
    ['new Date()', () => new Date()],
    ['Math.random', () => Math.random()],
    ['performance.now', () => performance.now()],
    ['setTimeout', () => setTimeout(() => undefined, 0)],
    ['setImmediate', () => setImmediate(() => undefined)],
    ['process.hrtime', () => process.hrtime()],
    ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ])('%s throws, and works again afterwards', (name, ask) => {
    expect(() => sandboxed(ask)).toThrow(new RealWorldError(name));
    expect(ask).not.toThrow();
    expect(sandboxed(() => new Date(0).getTime())).toBe(0);
  });

  test('has no other within it', () => {
    expect(() => sandboxed(() => sandboxed(() => 1))).toThrow('a simulation runs already');
  });
});

// Of the scenarios standard and churn hundreds of seeds are swept by the command (test/simulation.test.ts).
test.each([atMostOnce])(
  'runs of the scenario $name are linearizable, live, and soon have looked everywhere',
  (scenario) => {
    const demanded = scenario.demanded ?? [];
    const outcomes: Outcome[] = [];
    while (
      outcomes.length < 20 ||
      (outcomes.length < 60 && pathsNotTaken(outcomes, demanded).length > 0)
    ) {
      outcomes.push(run(`seed ${String(outcomes.length)}`, scenario));
    }
    const failed = outcomes.filter(({ verdict }) => verdict !== 'passed');

    expect(failed.map(({ seed, failure }) => ({ seed, failure }))).toStrictEqual([]);
    expect(pathsNotTaken(outcomes, demanded)).toStrictEqual([]);
    for (const { probes } of outcomes) expect(Object.keys(probes)).toStrictEqual(demanded);
  },
);

test('a sweep that has not looked everywhere says where not', () => {
  expect(pathsNotTaken([run('seed 1', quiet)], standard.demanded ?? [])).toContain(
    'a session was lost',
  );
});
