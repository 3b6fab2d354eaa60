import type { Operation } from '@jbstore/linearizability';

import {
  Simulation,
  calm,
  churn,
  constant,
  inSequence,
  pause,
  raise,
  type Action,
  type Outcome,
  type Scenario,
} from '../src';
import { flawOfCounts } from '../src/ledger';

/** Nothing befalls a cluster but these actions. */
function happen(actions: readonly Action[], scenario: Partial<Scenario> = {}): Outcome {
  const quiet: Scenario = {
    ...churn,
    weather: calm,
    during: pause(8_000),
    afterwards: inSequence(raise(8, (_random, atMs, { keys }) => lookAt(atMs, keys), constant(50))),
    patienceMs: 20_000,
    ...scenario,
  };
  const { plan } = new Simulation(quiet, '1').run();
  const all = [...plan.actions, ...actions].sort((one, other) => one.atMs - other.atMs);
  return new Simulation(quiet, '1', { plan: { ...plan, actions: all } }).run();
}

function lookAt(atMs: number, keys: readonly string[]): Action {
  const [key = ''] = keys;
  return { kind: 'operation', atMs, client: 'c0', operation: 'get', key };
}

const dies = { kind: 'crash', afterEvents: 0, identity: 'new' } as const;

describe('a cluster that changes, once healed', () => {
  test('has become what was asked for', () => {
    const outcome = happen([
      { kind: 'join', atMs: 1_000, place: 'y0' },
      { ...dies, atMs: 2_500, place: 'n1', restartMs: 200 },
      { kind: 'replace', atMs: 4_000, place: 'n0', by: 'y1' },
      { kind: 'leave', atMs: 5_500, place: 'n2' },
      { kind: 'refresh', atMs: 7_000, slots: [0, 5, 15] },
    ]);

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
    expect(outcome.probes).toMatchObject({ 'a member left': 2, 'a living member was evicted': 0 });
  });

  test('is stuck if a dead member stays', () => {
    const outcome = happen([{ ...dies, atMs: 2_000, place: 'n1', restartMs: null }], {
      changes: { graceMs: 1e9, slotCount: 16 },
    });

    expect(outcome.failure).toMatchObject({
      kind: 'stuck',
      what: expect.stringContaining('n1@10.0.0.1:7101 is dead, and still a member') as string,
    });
  });

  test('need not do what it cannot: of four, two die at once', () => {
    const outcome = happen([
      { ...dies, atMs: 2_000, place: 'n1', restartMs: null },
      { ...dies, atMs: 2_000, place: 'n2', restartMs: null },
    ]);

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
  });
});

describe('I2: a counter', () => {
  const counted = (status: 'ok' | 'unknown', call: number): Operation => ({
    op: 'increment',
    key: 'i',
    value: null,
    client: call,
    status,
    call,
    return: call + 1,
  });
  const found = (value: string | null, call: number): Operation => ({
    op: 'get',
    key: 'i',
    value,
    client: call,
    status: 'ok',
    call,
    return: call + 1,
  });
  const increments = [counted('ok', 0), counted('ok', 10), counted('unknown', 20)];

  test.each(['2', '3'])('that was counted twice, and perhaps once more, is %s', (value) => {
    expect(flawOfCounts([...increments, found(value, 30)])).toBeUndefined();
  });

  test.each(['1', '4', null])('is not %s', (value) => {
    expect(flawOfCounts([...increments, found(value, 30)])).toBe(
      `I2: i is ${String(value)}: 2 increments acknowledged, and 1 more asked for`,
    );
  });

  test('may be less before all is acknowledged, and anything once it was set', () => {
    expect(flawOfCounts([...increments, found('1', 5)])).toBeUndefined();
    const put: Operation = { ...counted('ok', 2), op: 'put', value: '7' };
    expect(flawOfCounts([...increments, put, found('9', 30)])).toBeUndefined();
  });
});
