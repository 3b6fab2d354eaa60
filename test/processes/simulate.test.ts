import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { planFileOf, quiet, Simulation } from '@jbstore/simulator';

import { build, Command, endAll, jbstore, patienceMs } from './jbstore';

jest.setTimeout(3 * patienceMs);

let folder: string;

beforeAll(async () => {
  build();
  folder = await mkdtemp(join(tmpdir(), 'jbstore-simulate-'));
});

afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

function hashIn(stdout: string): string | undefined {
  return /^trace hash ([0-9a-f]{16})$/m.exec(stdout)?.[1];
}

test('a seed has the same trace hash in every process, built or not', async () => {
  const here = new Simulation(quiet, '7').run().traceHash;

  const replayed = await jbstore(['simulate', '--scenario', 'quiet', '--replay', '7']);
  const swept = await jbstore(['simulate', '--scenario', 'quiet', '--seeds', '7..7']);

  expect(replayed).toMatchObject({ code: 0, signal: null });
  expect(hashIn(replayed.stdout)).toBe(here);
  expect(hashIn(swept.stdout)).toBe(here);
});

test('a sweep that is interrupted ends with what was done, and goes on where it ended', async () => {
  const sweep = new Command(['simulate', '--scenario', 'quiet', '--seeds', '5..90000']);
  await sweep.until('progress', ({ stderr }) => /simulated [1-9]/.test(stderr) || undefined);
  sweep.child.kill('SIGINT');
  const { code, stdout, stderr } = await sweep.exited;

  expect(code).toBe(3);
  expect(stderr).toContain('finishing the runs that were begun');
  const done = Number(/seeds +│ (\d+), and 1 of them twice/.exec(stdout)?.[1]);
  const left = /seeds left +│ (\d+)\.\.90000/.exec(stdout)?.[1] ?? '';
  expect(Number(left)).toBe(5 + done);
  expect(stderr).toContain(`go on with --seeds ${left}..90000`);

  const range = `${left}..${String(Number(left) + 1)}`;
  const rest = await jbstore(['simulate', '--scenario', 'quiet', '--seeds', range, '--json']);
  expect(JSON.parse(rest.stdout)).toMatchObject({ seeds: 2, verdicts: { passed: 2 } });
  expect(rest).toMatchObject({ code: 0, stderr: '' });
});

test('a plan that fails ends with 1, tells its hash, and is drawn', async () => {
  const { plan } = new Simulation(quiet, '1').run();
  const failing = { ...plan, deadlineMs: 1_100 };
  const [file, report] = [join(folder, 'plan.json'), join(folder, 'page.html')];
  await writeFile(file, planFileOf({ scenario: 'quiet', seed: '1', plan: failing }));

  const { code, stdout, stderr } = await jbstore(['simulate', '--plan', file, '--report', report]);

  expect({ code, stderr }).toEqual({ code: 1, stderr: 'jbstore: 1 of 1 seed failed\n' });
  expect(hashIn(stdout)).toBe(new Simulation(quiet, '1', { plan: failing }).run().traceHash);
  expect(stdout).toMatch(/^failure +stuck: /m);
  expect(await readFile(report, 'utf8')).toContain('stuck: ');
});

test('a file that holds no plan ends with 2, and says what is wrong with it', async () => {
  const file = join(folder, 'no-plan.json');
  await writeFile(file, '{"scenario": "quiet", "seed": "1", "plan": {"order": "any"}}');

  const { code, stderr } = await jbstore(['simulate', '--plan', file]);

  expect(code).toBe(2);
  expect(stderr).toMatch(/^jbstore: .*no-plan\.json is no plan of a run: plan\.order: /);
});

test('one run is drawn if a report is wanted, though nothing is wrong with it', async () => {
  const report = join(folder, 'fine.html');

  const { code, stdout } = await jbstore([
    ...['simulate', '--scenario', 'quiet', '--replay', '7', '--report', report],
  ]);

  expect({ code, said: stdout.includes(`report: ${report}`) }).toEqual({ code: 0, said: true });
  expect(await readFile(report, 'utf8')).toContain('<svg');
});
