import { spawnSync } from 'node:child_process';

import {
  RealWorldError,
  Simulation,
  pathsNotTaken,
  probeNames,
  quiet,
  sandboxed,
  standard,
  type Invariant,
  type Outcome,
} from '../src';

function run(seed: string, scenario = standard): Outcome {
  return new Simulation(scenario, seed).run();
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

test('a run that does not finish in time is stuck, and says with what', () => {
  const { plan } = run('seed 1', quiet);

  const hasty = new Simulation(quiet, 'seed 1', { plan: { ...plan, deadlineMs: 2_000 } }).run();

  expect(hasty).toMatchObject({ verdict: 'failed', failure: { kind: 'stuck', atMs: 2_000 } });
  expect(hasty.failure?.what).toMatch(/^(put|get) of [abcd] by c[0-7]/);
});

test('a cluster that can never have a view owes nothing', () => {
  const { plan } = run('seed 1', quiet);
  const crash = { kind: 'crash', atMs: 1, place: 'n0', afterEvents: 0 } as const;
  const actions = [{ ...crash, restartMs: null, identity: 'new' as const }, ...plan.actions];

  const { verdict, operations } = new Simulation(quiet, 'seed 1', {
    plan: { ...plan, actions },
  }).run();

  expect(verdict).toBe('passed');
  expect(operations.ok).toBe(0);
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

test('runs of the standard scenario are linearizable, live, and soon have looked everywhere', () => {
  const outcomes: Outcome[] = [];
  while (outcomes.length < 20 || (outcomes.length < 60 && pathsNotTaken(outcomes).length > 0)) {
    outcomes.push(run(`seed ${String(outcomes.length)}`));
  }
  const failed = outcomes.filter(({ verdict }) => verdict !== 'passed');

  expect(failed.map(({ seed, failure }) => ({ seed, failure }))).toStrictEqual([]);
  expect(pathsNotTaken(outcomes)).toStrictEqual([]);
  for (const { probes } of outcomes) expect(Object.keys(probes)).toStrictEqual([...probeNames]);
});

test('a sweep that has not looked everywhere says where not', () => {
  expect(pathsNotTaken([run('seed 1', quiet)])).toContain('a session was lost');
});
