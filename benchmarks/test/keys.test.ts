import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

jest.setTimeout(180_000);

const root = join(__dirname, '..', '..');
const words = ['-C', 'source', '-r', 'ts-node/register', 'benchmarks/main.ts', 'keys'];

interface Line {
  readonly rows: readonly { readonly scenario: string; readonly median: number }[];
}

test('the keys suite says of a node what a key takes, how long it stood still, and how much it served', () => {
  const options = ['--quick', '--json', '--only', ', 10000 keys'];
  const { stdout } = spawnSync(process.execPath, [...words, ...options], {
    ...{ cwd: root, encoding: 'utf8' },
  });

  const { rows } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line;
  expect(rows.map(({ scenario }) => scenario)).toEqual([
    'bytes per key, beyond key and value, 10000 keys',
    'longest delay of the event loop, filling and serving, 10000 keys',
    'half put half get, C=64, 10000 keys',
  ]);
  for (const { median } of rows) expect(median).toBeGreaterThan(0);
});
