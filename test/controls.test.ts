import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { controls } from './planted/controls';
import { find, givenTo } from './planted/finders';
import type { Played } from './planted/play';
import type { Found } from './planted/sweep';

/** What the command says of a rule. */
interface Tried {
  readonly name: string;
  readonly found?: Found;
  readonly played?: Played;
}

const scheduled = controls.filter(({ schedule }) => schedule);

describe('a rule that is left out is missed', () => {
  let tried: ReadonlyMap<string, Tried>;

  beforeAll(async () => {
    const half = Math.ceil(controls.length / 2);
    const halves = [controls.slice(0, half), controls.slice(half)];
    const outputs = await Promise.all(halves.map((some) => tryOut(some.map(({ name }) => name))));
    const lines = outputs.flatMap((output) => output.trim().split('\n'));
    const results = lines.map((line) => JSON.parse(line) as Tried);
    tried = new Map(results.map((result) => [result.name, result]));
  }, 600_000);

  for (const { name, by = 'churn', seeds, findings } of controls) {
    test(`${name}: ${findings.join(' or ')}, within ${String(seeds)} of ${by}`, () => {
      expect(findings).toContain(tried.get(name)?.found?.finding);
    });
  }

  test.each(scheduled)('$name: by its schedule, which finds nothing with the rule', ({ name }) => {
    expect(tried.get(name)?.played).toStrictEqual({
      sound: 'linearizable',
      planted: 'not linearizable',
    });
  });
});

test('each trap about views has a schedule', () => {
  const traps = controls.filter(({ name }) => name.startsWith('T'));

  expect(scheduled.map(({ name }) => name)).toStrictEqual(traps.map(({ name }) => name));
});

test.each([
  ['crowded slots', 5],
  ['duels', 8],
  ['absences', 10],
  ['losses', 20],
  ['a lead that was away', 1],
] as const)('%s finds nothing where no rule is left out', (by, seeds) => {
  expect(find(by, seeds)).toBeUndefined();
});

test('the tables tell of every one', () => {
  const text = readFileSync(join(__dirname, 'planted', 'CONTROLS.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));

  expect(rows).toStrictEqual([
    ['rule', 'what is done instead', 'found by', 'within', 'as'],
    expect.any(Array),
    ...controls.map(({ name, about, by = 'churn', seeds, findings }) => {
      return [name, about, by, String(seeds), findings.join(' or ')];
    }),
    ['found by', 'what it is'],
    expect.any(Array),
    ...Object.keys(givenTo).map((by): unknown[] => [by, expect.any(String)]),
    ['rule', 'what happens in its schedule'],
    expect.any(Array),
    ...scheduled.map(({ name, schedule }) => [name, `${schedule?.about ?? ''}.`]),
  ]);
});

/** What the command says, be all as it should or not. */
function tryOut(names: readonly string[]): Promise<string> {
  const options = [
    '-C',
    'source',
    '-r',
    'ts-node/register',
    'test/planted/main.ts',
    '--controls',
    '--hinted',
  ];
  return new Promise((resolve, reject) => {
    const cwd = join(__dirname, '..');
    execFile(process.execPath, [...options, '--json', ...names], { cwd }, (error, stdout) => {
      if (stdout !== '') resolve(stdout);
      else reject(new Error('no rule was tried', { cause: error }));
    });
  });
}
