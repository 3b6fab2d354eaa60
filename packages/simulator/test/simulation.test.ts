import { spawnSync } from 'node:child_process';

import { Random } from '@jbstore/core';
import { Write } from '@jbstore/register/port';

import {
  RealWorldError,
  Simulation,
  cut,
  pathsNotTaken,
  probeNames,
  quiet,
  sandboxed,
  standard,
  type Action,
  type Invariant,
  type Outcome,
} from '../src';
import { Calendar } from '../src/calendar';
import { castOf } from '../src/draw-plan';
import type { CrashAction, CutShape, Order } from '../src/plan';

function run(seed: string, scenario = standard): Outcome {
  return new Simulation(scenario, seed).run();
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

test('a run that does not finish in time is stuck, and says with what', () => {
  const { plan } = run('seed 1', quiet);

  const hasty = new Simulation(quiet, 'seed 1', { plan: { ...plan, deadlineMs: 2_000 } }).run();

  expect(hasty).toMatchObject({ verdict: 'failed', failure: { kind: 'stuck', atMs: 2_000 } });
  expect(hasty.failure?.what).toMatch(/^(put|get) of [abcd] by c[0-7]/);
});

describe('I16: a healed run is stuck as long as', () => {
  const healAtMs = 4_000;
  const endOf = (action: Action): Outcome['failure'] => {
    const { plan } = run('seed 1', quiet);
    const hasty = { ...plan, actions: [action], healAtMs, deadlineMs: healAtMs + 1 };
    return new Simulation(quiet, 'seed 1', { plan: hasty }).run().failure;
  };

  test('a node suspects one that is there', () => {
    const directions = [['n0', 'n1']] as const;
    const silence = { kind: 'wrong suspicion', atMs: 1_000, lastsMs: 10_000, directions } as const;

    const failure = endOf(silence);

    expect(failure?.kind).toBe('stuck');
    expect(failure?.what).toMatch(/n1@\S+ suspects n0@\S+$/);
  });

  test('a node does not suspect one that is dead', () => {
    const failure = endOf(deathOf('n4', healAtMs - 1));

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

test('a run of which the history is not linearizable has failed, whatever else it did', () => {
  const { plan } = run('seed 1', quiet);
  const lie: Invariant = {
    name: 'lie',
    check: (_world, { event }) => {
      if (event instanceof Write) event.value.fill(0x7e); // It is imposed later.
      return undefined;
    },
  };

  const { verdict, failure } = new Simulation(quiet, 'seed 1', {
    plan,
    invariants: [() => lie],
  }).run();

  expect({ verdict, kind: failure?.kind }).toEqual({ verdict: 'failed', kind: 'not linearizable' });
});

test('an order by chance, or by priorities that change, is another one for another seed', () => {
  const orderOf = (order: Order, seed: string): string => {
    const calendar = new Calendar(order, new Random(seed));
    const done: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const lane = calendar.lane(name);
      for (let task = 0; task < 4; task += 1) lane.after(10, () => done.push(name));
    }
    while (calendar.step(10));
    return done.join('');
  };
  const byPriority = orderOf({ kind: 'priorities', changes: [] }, 'one');
  const changed = orderOf({ kind: 'priorities', changes: [2] }, 'one');

  expect(
    new Set(['one', 'two', 'one'].map((seed) => orderOf({ kind: 'random' }, seed))),
  ).toHaveProperty('size', 2);
  expect(byPriority).toMatch(/^(?:(.)\1{3}){6}$/);
  expect(orderOf({ kind: 'priorities', changes: [] }, 'two')).not.toBe(byPriority);
  // Whoever had the second turn has no other before all others are done.
  expect(changed.slice(0, 2)).toBe(byPriority.slice(0, 2));
  expect(changed.slice(-2)).toBe(byPriority.slice(0, 2));
});

describe('a cut that is drawn', () => {
  const cast = castOf(standard);
  const cuts = Array.from({ length: 100 }, (_, seed) =>
    cut(new Random(String(seed)), 0, cast),
  ).flat();
  const ways = (shape: CutShape): readonly (readonly string[])[] =>
    cuts.flatMap((drawn) =>
      drawn.kind === 'cut' && drawn.shape === shape
        ? [drawn.directions.map(([from, to]) => `${from} ${to}`)]
        : [],
    );
  const isBothWays = (some: readonly string[]): boolean =>
    some.every((way) => some.includes(way.split(' ').reverse().join(' ')));

  test.each(['split', 'isolation', 'partial', 'ring'] as const)('as %s goes both ways', (shape) => {
    expect(ways(shape).length).toBeGreaterThan(5);
    expect(ways(shape).filter((some) => !isBothWays(some))).toEqual([]);
  });

  test('one-way goes one way', () => {
    expect(ways('one-way').length).toBeGreaterThan(5);
    expect(ways('one-way').filter((some) => some.length !== 1)).toEqual([]);
  });

  test('as ring leaves each node two neighbours, and as isolation nobody', () => {
    const counts = (shape: CutShape): Set<number> =>
      new Set(ways(shape).map((some) => some.length));

    expect(counts('ring')).toEqual(new Set([5 * 2]));
    expect(counts('isolation')).toEqual(new Set([2 * (4 + 8)]));
  });
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
