import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { bugs } from './planted/bugs/all';
import { MisfitError, edited } from './planted/edit';

/** What the schedule of each bug has found, without the bug and with it. */
interface Found {
  readonly name: string;
  readonly sound: string;
  readonly planted: string;
}

describe('a planted bug is found by its schedule, and nothing is found without it', () => {
  let found: ReadonlyMap<string, Found>;

  beforeAll(async () => {
    const lines = (await planted(['--json'])).trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Found);
    found = new Map(all.map((one) => [one.name, one]));
  });

  test.each(bugs.map(({ name, finding }) => [name, finding]))('%s: %s', (name, finding) => {
    expect(found.get(name)).toStrictEqual({ name, sound: 'linearizable', planted: finding });
  });
});

test('a bug that does not fit the source says so', () => {
  const edit = { file: 'register/src/timestamp.ts', find: 'no such line', replace: '' };

  expect(() => edited([edit])).toThrow(new MisfitError(edit, 0));
  expect(() => edited([{ ...edit, find: 'timestamp' }])).toThrow(
    /stands there \d+ times, not once/,
  );
});

test('the table tells of every bug', () => {
  const table = readFileSync(join(__dirname, 'planted', 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [TM]\d/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  expect(table).toStrictEqual(bugs.map(({ name, about, finding }) => [name, about, finding]));
});

test('a bug is shown with its histories, by any beginning of its name', async () => {
  const shown = await planted(['T05']);

  expect(shown).toMatch(
    / {2}linearizable\n.*\n.*get: "1"\n {2}not linearizable\n.*\n.*get: null\n$/,
  );
});

/** What the command says; it rejects if the command ends with another code than 0. */
async function planted(options: readonly string[]): Promise<string> {
  const flags = ['-C', 'source', '-r', 'ts-node/register', 'test/planted/main.ts', ...options];
  const root = join(__dirname, '..');
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  return stdout;
}
