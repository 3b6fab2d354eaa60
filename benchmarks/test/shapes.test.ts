import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { zipf } from '../zipf';

jest.setTimeout(180_000);

const root = join(__dirname, '..', '..');
const words = ['-C', 'source', '-r', 'ts-node/register', 'benchmarks/main.ts', 'shapes'];

interface Line {
  readonly rows: readonly { readonly scenario: string; readonly median: number }[];
}

test('the suite of shapes says what one serves that is asked for, and draws it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jbstore-benchmark-'));
  const options = ['--quick', '--json', '--out', folder, '--only', ', skew: one key'];
  const { stdout } = spawnSync(process.execPath, [...words, ...options], {
    ...{ cwd: root, encoding: 'utf8' },
  });

  const { rows } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line;
  expect(rows.map(({ scenario }) => scenario)).toEqual([
    'half put half get, skew: one key',
    'p99 latency, skew: one key',
  ]);
  for (const { median } of rows) expect(median).toBeGreaterThan(0);
  expect(readdirSync(folder)).toContain('shapes-skew.svg');
  rmSync(folder, { recursive: true });
});

test('keys are drawn by Zipf as often as their ranks say', () => {
  const keys = 1_000;
  const draws = 200_000;
  const draw = zipf(keys, 0.99);
  const drawn = new Array<number>(keys).fill(0);
  for (let count = 0; count < draws; count += 1) {
    const key = draw(keys);
    drawn[key] = (drawn[key] ?? NaN) + 1;
  }

  expect(drawn.every((times) => Number.isInteger(times))).toBe(true);
  const sum = drawn.reduce((total, _, index) => total + (index + 1) ** -0.99, 0);
  for (const rank of [1, 2, 10]) {
    const expected = (draws * rank ** -0.99) / sum;
    // Six standard deviations.
    expect(Math.abs((drawn[rank - 1] ?? 0) - expected)).toBeLessThan(6 * Math.sqrt(expected));
  }
});

test('of fewer keys than there are, only these are drawn', () => {
  const draw = zipf(100, 0.99);
  for (let count = 0; count < 1_000; count += 1) expect(draw(3)).toBeLessThan(3);
});
