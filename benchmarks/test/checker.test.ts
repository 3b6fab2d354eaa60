import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { check, keyValue } from '@jbstore/linearizability';

import { historyOf } from '../checker-history';

jest.setTimeout(60_000);

test('the check suite prints as its last line what it measured', async () => {
  const words = ['-C', 'source', '-r', 'ts-node/register', 'benchmarks/main.ts', 'check'];
  const { stdout } = await promisify(execFile)(process.execPath, [...words, '--quick', '--json'], {
    cwd: join(__dirname, '..', '..'),
  });

  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    readonly suite: string;
    readonly rows: readonly { readonly scenario: string; readonly median: number }[];
    readonly skipped: readonly { readonly scenario: string }[];
  };
  expect(last.suite).toBe('check');
  const scenarios = [...last.rows, ...last.skipped].map(({ scenario }) => scenario);
  expect(scenarios.sort()).toStrictEqual([
    '1,000 operations, 64 keys',
    '1,000 operations, 64 keys',
    '10,000 operations, 1000 keys',
    '10,000 operations, 1000 keys',
    'etcd 002, configurations',
    'etcd 002, time',
    'peak memory',
  ]);
  for (const { median } of last.rows) expect(median).toBeGreaterThan(0);
});

describe('the history that is measured', () => {
  const operations = 20_000;
  const history = historyOf({ operations, clients: 64, keys: 64 });

  test('is half puts of values that all differ, one in a hundred without an outcome', () => {
    const puts = history.flatMap((operation) => (operation.op === 'put' ? [operation.value] : []));
    const lost = history.filter(({ status }) => status === 'unknown').length;

    expect(new Set(puts).size).toBe(puts.length);
    expect(puts.length / operations).toBeCloseTo(0.5, 1);
    expect(lost / operations).toBeCloseTo(0.01, 2);
    expect(lost).toBeGreaterThan(100);
  });

  test('is linearizable, and is not if one old value is read late', () => {
    const gets = history.filter(({ op }) => op === 'get');
    const key = history.flatMap((one) => (one.op === 'get' ? [one.key] : [])).at(-1);
    const ofKey = gets.filter((one) => one.op === 'get' && one.key === key && one.status === 'ok');
    const [old, late] = [ofKey.at(20), ofKey.at(-1)];
    const bad = history.map((one) =>
      one === late && old?.op === 'get' && one.op === 'get' ? { ...one, value: old.value } : one,
    );

    expect(check(history, keyValue()).verdict).toBe('linearizable');
    for (const algorithm of ['search', 'zones'] as const) {
      expect(check(bad, keyValue(), { algorithm }).verdict).toBe('not linearizable');
    }
  });
});
