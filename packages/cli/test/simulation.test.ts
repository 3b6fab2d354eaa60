import {
  Simulation,
  parsePlanFile,
  quiet,
  standard,
  type Plan,
  type SweepResult,
} from '@jbstore/simulator';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { SimulationFailedError, UndecidedSimulationError } from '../src/errors';
import { investigate } from '../src/simulation-failure';
import { judge, summaryOf, tableOf } from '../src/simulation-result';

const nobody = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jbstore-simulation-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** So few milliseconds that nobody can be done. */
function hurried(): Plan {
  const { plan } = new Simulation(quiet, '1').run();
  return { ...plan, deadlineMs: 1_100 };
}

function terminal() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdin: Readable.from([]), stdout, stderr };
  return { io, told: () => String(stdout.read() ?? '') };
}

function result(
  changes: Partial<SweepResult['totals']> = {},
  left?: SweepResult['left'],
): SweepResult {
  const totals = {
    seeds: 200,
    verdicts: { passed: 200, failed: 0, unknown: 0 },
    repeated: 10,
    events: 5_000,
    virtualMs: 60_000,
    operations: { ok: 7, unavailable: 2, unknown: 1 },
    faults: { cut: 3, crash: 12_345 },
    probes: Object.fromEntries((standard.demanded ?? []).map((probe) => [probe, 9])),
    traceHash: '00000000deadbeef',
    failures: [],
    ...changes,
  };
  return { scenario: 'standard', totals, elapsedMs: 2_000, left };
}

test('the table tells seeds, verdicts, operations, faults, probes, rates and the hash', () => {
  const rows = tableOf(result({ probes: { often: 9, rare: 0 } }))
    .split('\n')
    .map((line) =>
      line
        .replace(/[│┌└┐┘─┬┴]/g, ' ')
        .trim()
        .replace(/ {2,}/g, ' | '),
    )
    .filter((line) => line !== '');

  expect(rows).toEqual([
    'scenario | standard',
    'seeds | 200, and 10 of them twice',
    'verdicts | 200 passed, 0 failed, 0 unknown',
    'operations | 10: 7 ok, 2 unavailable, 1 unknown',
    'fault: crash | 12,345',
    'fault: cut | 3',
    'probe: often | 9',
    'probe: rare | never',
    'events | 5,000 in 2.000 s: 2,500/s',
    'virtual time | 60.000 s: 30 times as fast as real time',
    'trace hash | 00000000deadbeef',
  ]);
});

test('the hash of one seed stands on a line of its own', () => {
  expect(tableOf(result({ seeds: 1 }))).toMatch(/^trace hash 00000000deadbeef$/m);
});

test('a sweep fails if a seed did, or if two hundred seeds never took a rare path', () => {
  const failures = [{ seed: 3, kind: 'stuck', what: 'nobody answers' }] as const;

  const [rare = '', ...others] = standard.demanded ?? [];
  const most = Object.fromEntries(others.map((probe) => [probe, 1]));
  const missing = { probes: { ...most, [rare]: 0 } };

  expect(() => judge(result())).not.toThrow();
  expect(() => judge(result({ failures }))).toThrow(SimulationFailedError);
  expect(() => judge(result(missing))).toThrow(`no seed took the rare paths ${rare}`);
  expect(() => judge(result({ probes: most }))).toThrow(rare);
  expect(() => judge(result({ ...missing, seeds: 199 }))).not.toThrow();
  expect(() => judge({ ...result(missing), scenario: 'quiet' })).not.toThrow();
  expect(summaryOf(result(missing))).toMatchObject({ missedProbes: [rare] });
});

test('a sweep decides nothing if seeds are left, or the checker gave up', () => {
  const left = { first: 12, last: 20 };
  const verdicts = { passed: 199, failed: 0, unknown: 1 };

  expect(() => judge(result({}, left))).toThrow(UndecidedSimulationError);
  expect(() => judge(result({}, left))).toThrow('go on with --seeds 12..20');
  expect(() => judge(result({ verdicts }))).toThrow('the checker gave up on 1 seed');
});

test('a failure is told with seed, commit, scenario, the shortest schedule, and what replays it', async () => {
  const { io, told } = terminal();
  const report = join(folder, 'failure.html');
  const outcome = new Simulation(quiet, '1', { plan: hurried() }).run();

  await investigate(outcome, { report, shrinkRuns: 40, signal: nobody, json: false }, io);

  const text = told();
  expect(text).toMatch(/^seed +1$/m);
  expect(text).toMatch(/^commit +([0-9a-f]{40}(, and changes to it)?|unknown)$/m);
  expect(text).toMatch(/^scenario +quiet$/m);
  expect(text).toMatch(/^failure +stuck: /m);
  expect(text).toMatch(/^schedule +\d+ of 300 actions are left, found in \d+ runs/m);
  expect(text).toContain('npx jbstore simulate --scenario quiet --replay 1\n');
  expect(text).toContain(`npx jbstore simulate --plan ${join(folder, 'failure.plan.json')}\n`);
  expect(await readFile(report, 'utf8')).toContain('<svg');

  const { seed, plan } = parsePlanFile(
    await readFile(join(folder, 'failure.plan.json'), 'utf8'),
    '',
  );
  const again = new Simulation(quiet, seed, { plan }).run();
  expect(again.failure?.kind).toBe('stuck');
  expect(text).toContain(again.traceHash);
});

test('a failure of a plan that is short already is drawn as it is', async () => {
  const { io, told } = terminal();
  const report = join(folder, 'as-it-is.html');
  const plan = hurried();
  const outcome = new Simulation(quiet, '1', { plan }).run();

  const found = await investigate(
    outcome,
    { report, shrinkRuns: 0, signal: nobody, json: true },
    io,
  );

  expect(found).toMatchObject({ seed: '1', shortest: plan, finished: false, files: [report] });
  expect(told()).toBe('');
});

test('a report that cannot be written is no mistake of ours', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const outcome = new Simulation(quiet, '1', { plan: hurried() }).run();
  const options = { report: join(file, 'page.html'), shrinkRuns: 0, signal: nobody, json: true };

  await expect(investigate(outcome, options, terminal().io)).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
});
