import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build, endAll, jbstore } from './processes/jbstore';

/** Each takes less than two minutes on two cores that have nothing else to do. */
const longestMs = 30 * 60_000;

let folder: string;

beforeAll(async () => {
  build();
  folder = await mkdtemp(join(tmpdir(), 'jbstore-simulation-'));
});

afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true });
});

test.each(['standard', 'churn'])(
  'a thousand seeds of the scenario %s pass, and take every rare path',
  async (scenario) => {
    const report = join(folder, 'failure.html');

    const { code, stdout } = await jbstore([
      ...['simulate', '--scenario', scenario],
      ...['--seeds', '1..1000', '--report', report],
    ]);

    // If it fails, the output says which seed did, with the shortest schedule.
    expect(stdout).toContain('1,000 passed, 0 failed, 0 unknown');
    expect(stdout).toContain('1,000, and 50 of them twice');
    expect(code).toBe(0);
  },
  longestMs,
);
