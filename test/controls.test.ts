import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { controls } from './planted/controls';
import type { Found } from './planted/sweep';

describe('a rule that is left out is missed', () => {
  let found: ReadonlyMap<string, Found | undefined>;

  beforeAll(async () => {
    const half = Math.ceil(controls.length / 2);
    const halves = [controls.slice(0, half), controls.slice(half)];
    const outputs = await Promise.all(halves.map((some) => tryOut(some.map(({ name }) => name))));
    const lines = outputs.flatMap((output) => output.trim().split('\n'));
    const results = lines.map((line) => JSON.parse(line) as { name: string; found?: Found });
    found = new Map(results.map((result) => [result.name, result.found]));
  }, 600_000);

  for (const { name, by = 'churn', seeds, findings } of controls) {
    test(`${name}: ${findings.join(' or ')}, within ${String(seeds)} of ${by}`, () => {
      expect(findings).toContain(found.get(name)?.finding);
    });
  }
});

test('the table tells of every one', () => {
  const text = readFileSync(join(__dirname, 'planted', 'CONTROLS.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));

  expect(rows.slice(2)).toStrictEqual(
    controls.map(({ name, about, by = 'churn', seeds, findings }) => [
      name,
      about,
      by,
      String(seeds),
      findings.join(' or '),
    ]),
  );
});

/** What the command says, be all as it should or not. */
function tryOut(names: readonly string[]): Promise<string> {
  const options = ['-C', 'source', '-r', 'ts-node/register', 'test/planted/main.ts', '--controls'];
  return new Promise((resolve, reject) => {
    const cwd = join(__dirname, '..');
    execFile(process.execPath, [...options, '--json', ...names], { cwd }, (error, stdout) => {
      if (stdout !== '') resolve(stdout);
      else reject(new Error('no rule was tried', { cause: error }));
    });
  });
}
