import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Bug } from './planted/bug';
import { bugs } from './planted/bugs/all';
import { MisfitError, edited } from './planted/edit';
import { focuses } from './planted/focuses';

const scenarios = focuses.map(({ scenario: { name } }) => name);

/** What the schedule of a bug has found, without the bug and with it. */
interface Played {
  readonly name: string;
  readonly sound: string;
  readonly planted: string;
}

/** What a sweep has found. */
interface Swept {
  readonly name: string;
  readonly scenario: string;
  readonly seeds: number;
  readonly found?: { readonly seed: number; readonly finding: string };
}

describe('a planted bug is found by its schedule, and nothing is found without it', () => {
  let played: ReadonlyMap<string, Played>;

  beforeAll(async () => {
    const lines = await linesOf<Played>([]);
    played = new Map(lines.map((line) => [line.name, line]));
  }, 600_000);

  test.each(bugs.map(({ name, finding }) => [name, finding]))('%s: %s', (name, finding) => {
    expect(played.get(name)).toStrictEqual({ name, sound: 'linearizable', planted: finding });
  });
});

describe('a planted bug is found by a sweep, and nothing is found without it', () => {
  let swept: ReadonlyMap<string, Swept>;
  let withoutBug: readonly Swept[];

  beforeAll(async () => {
    const halves = [0, 1].map((half) => bugs.filter((bug) => placeOf(bug) % 2 === half));
    const lines = await Promise.all(
      halves.map((half) =>
        linesOf<Swept>(['--sweep', '--hinted', ...half.map(({ name }) => name)]),
      ),
    );
    swept = new Map(lines.flat().map((line) => [line.name, line]));
    withoutBug = lines.flat().filter(({ name }) => name === 'no bug');
  }, 600_000);

  for (const { name, sweep } of bugs) {
    const { scenario, seeds, findings } = sweep;

    test(`${name}: ${textOf(findings)}, within ${String(seeds)} seeds of ${scenario}`, () => {
      const found = swept.get(name)?.found;

      expect(swept.get(name)).toStrictEqual({ name, scenario, seeds, found });
      expect(findings).toContain(found?.finding);
    });
  }

  test('no bug: nothing', () => {
    expect(new Set(withoutBug.map(({ scenario }) => scenario))).toStrictEqual(new Set(scenarios));
    expect(withoutBug.filter(({ found }) => found)).toStrictEqual([]);
  });
});

test('a bug that does not fit the source says so', () => {
  const edit = { file: 'register/src/timestamp.ts', find: 'no such line', replace: '' };

  expect(() => edited([edit])).toThrow(new MisfitError(edit, 0));
  expect(() => edited([{ ...edit, find: 'timestamp' }])).toThrow(
    /stands there \d+ times, not once/,
  );
});

test('the tables tell of every bug, and of every scenario', () => {
  const text = readFileSync(join(__dirname, 'planted', 'README.md'), 'utf8');
  const tables = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));

  expect(tables).toStrictEqual([
    ['bug', 'what is wrong', 'its schedule finds', 'scenario', 'seeds', 'a sweep finds'],
    expect.any(Array),
    ...bugs.map(({ name, about, finding, sweep }) => {
      return [name, about, finding, sweep.scenario, String(sweep.seeds), textOf(sweep.findings)];
    }),
    ['scenario', 'what happens'],
    expect.any(Array),
    ...focuses.map(({ scenario: { name, about } }) => [name, about]),
  ]);
});

test('a bug is shown with its histories, by any beginning of its name', async () => {
  const shown = await planted(['T05']);

  expect(shown).toMatch(
    / {2}linearizable\n.*\n.*get: "1"\n {2}not linearizable\n.*\n.*get: null\n$/,
  );
});

/** The place of its scenario among all. */
function placeOf({ sweep }: Bug): number {
  return scenarios.indexOf(sweep.scenario);
}

function textOf(findings: readonly string[]): string {
  return findings.join(' or ');
}

async function linesOf<Line>(options: readonly string[]): Promise<Line[]> {
  const lines = (await planted(['--json', ...options])).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Line);
}

/** What the command says, be all as it should or not. */
function planted(options: readonly string[]): Promise<string> {
  const flags = ['-C', 'source', '-r', 'ts-node/register', 'test/planted/main.ts', ...options];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, flags, { cwd: join(__dirname, '..') }, (error, stdout, stderr) => {
      if (stderr !== '' || error?.signal) reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
  });
}
