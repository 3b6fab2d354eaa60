import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build, Command, endAll, lives, patienceMs } from './jbstore';

jest.setTimeout(2 * patienceMs);

beforeAll(build, 2 * patienceMs);

afterEach(endAll);

const lockFile = join(__dirname, '..', '..', 'package-lock.json');

async function lockedPackages(): Promise<number> {
  const { packages } = JSON.parse(await readFile(lockFile, 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  return Object.values(packages).filter(({ version }) => version !== undefined).length;
}

test('npm start -- --once: stores all, reads all back, also after a node was killed, and replaced', async () => {
  const { code, stdout, stderr } = await new Command(['start', '--once']).exited;

  const keys = (await lockedPackages()).toLocaleString('en-US');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const last = stdout.trimEnd().split('\n').slice(-5);
  expect(last[0]).toMatch(new RegExp(`^stored: ${keys} keys, in .* s \\(.*/s\\)$`));
  expect(last[1]).toMatch(new RegExp(`^read back: ${keys} keys, all equal, in `));
  expect(last[2]).toMatch(new RegExp(`^read back after the kill: ${keys} keys, all equal, in `));
  expect(last[3]).toMatch(/^replaced: n6 holds the \d+\.\d % of the ring that n3 held, and /);
  expect(last[4]).toMatch(
    new RegExp(`^read back from the new node too: ${keys} keys, all equal, in `),
  );
  expect(stdout).toContain('was killed by SIGKILL');
});

test('npm start stays up, says how to use it, and leaves nothing behind', async () => {
  const start = new Command(['start']);
  const place = await start.until(
    'advice',
    ({ stdout }) => /npx jbstore get greeting --connect (\S+)\n[^]*Ctrl-C/.exec(stdout)?.[1],
  );
  const pids = [...start.stdout.matchAll(/n\d \S+ \((\d+)\)/g)].map(([, pid]) => Number(pid));

  const got = await new Command(['get', '.', '--connect', place]).exited;
  const { code } = await start.stop();

  expect(got).toMatchObject({ code: 0, stdout: '0.1.0' });
  expect(code).toBe(0);
  expect(pids).toHaveLength(6);
  expect(pids.filter(lives)).toEqual([]);
});

test('without a package-lock.json it says so', async () => {
  const { code, stderr } = await new Command(['start', '--once'], '', tmpdir()).exited;

  expect(code).toBe(2);
  expect(stderr).toMatch(/^jbstore: there is no package-lock\.json in /);
});
