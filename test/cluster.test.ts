import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  build,
  Command,
  endAll,
  eventually,
  freePort,
  jbstore,
  lives,
  patienceMs,
  RunningCluster,
} from './processes/jbstore';

// Real processes and real sockets on free ports: what a user of the command sees.

let cluster: RunningCluster;
let at: readonly string[];
let directory: string;

beforeAll(async () => {
  build();
  directory = await mkdtemp(join(tmpdir(), 'jbstore-'));
  cluster = await RunningCluster.start(['--nodes', '3', '--replication', '3']);
  at = ['--connect', cluster.addresses.join(',')];
}, 2 * patienceMs);

afterAll(async () => {
  await endAll();
  await rm(directory, { recursive: true });
});

jest.setTimeout(patienceMs);

test('what is put at one node is got at another', async () => {
  const put = await jbstore(['put', 'greeting', 'hello', '--connect', cluster.node(0).address]);
  const got = await jbstore(['get', 'greeting', '--connect', cluster.node(1).address]);

  expect(put).toMatchObject({ code: 0, stdout: 'OK\n' });
  expect(got).toMatchObject({ code: 0, stdout: 'hello', stderr: '' });
});

test('a key that is not there: exit code 1, and a message on standard error', async () => {
  const got = await jbstore(['get', 'nothing', ...at]);
  const json = await jbstore(['get', 'nothing', '--json', ...at]);

  expect(got).toMatchObject({ code: 1, stdout: '' });
  expect(got.stderr).toBe('jbstore: nothing is not in the store\n');
  expect(json).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'ERR_NOT_FOUND', exitCode: 1 } });
});

test('values come from standard input and files, and go to standard output, byte for byte', async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) & 0xff));
  const file = join(directory, 'value');
  await writeFile(file, bytes);

  expect((await jbstore(['put', 'from stdin', ...at], bytes)).code).toBe(0);
  expect((await jbstore(['put', 'from file', '--file', file, ...at])).code).toBe(0);

  for (const key of ['from stdin', 'from file']) {
    const get = new Command(['get', key, ...at]);
    expect((await get.exited).code).toBe(0);
    expect(get.stdoutBytes.equals(bytes)).toBe(true);
  }
});

test('empty values, and keys that are no text, are values and keys', async () => {
  await jbstore(['put', 'empty', '-', ...at], '');
  await jbstore(['put', '/w==', 'bytes', '--key64', ...at]);

  expect(await jbstore(['get', 'empty', ...at])).toMatchObject({ code: 0, stdout: '' });
  const got = await jbstore(['get', '/w==', '--key64', '--json', ...at]);
  expect(JSON.parse(got.stdout)).toEqual({ key64: '/w==', value: 'bytes' });
});

test('import and export: entries of any bytes make a round trip through both formats', async () => {
  const anyEntry = fc.record({
    key64: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => base64(bytes)),
    value64: fc.uint8Array({ maxLength: 100 }).map((bytes) => base64(bytes)),
  });
  const sample = fc.sample(anyEntry, { numRuns: 300, seed: 20_160_501 });
  const entries = new Map(sample.map(({ key64, value64 }) => [key64, value64]));
  const lines = sample.map((entry) => JSON.stringify(entry)).join('\n');

  const imported = await jbstore(['import', '-', '--json', ...at], lines);
  const file = join(directory, 'all.csv');
  const exported = await jbstore(['export', file, ...at]);
  const other = await RunningCluster.start(['--nodes', '1']);
  const there = ['--connect', other.addresses.join(',')];
  const importedThere = await jbstore(['import', file, ...there]);
  const exportedThere = await jbstore(['export', ...there]);
  await other.stop();

  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({ imported: 300 });
  expect(exported).toMatchObject({ code: 0 });
  expect(importedThere).toMatchObject({ code: 0 });
  expect(importedThere.stdout).toMatch(/^imported [\d,]+ entries in [\d.]+ s \([\d,]+\/s\)\n$/);
  const found = new Map(exportedThere.stdout.trim().split('\n').map(entryOfLine));
  for (const [key, value] of entries) expect([key, found.get(key)]).toEqual([key, value]);
});

test('a malformed line of a file: exit code 2, its number, what is wrong, and nothing is stored', async () => {
  const file = join(directory, 'malformed.jsonl');
  await writeFile(file, '{"key":"before","value":"1"}\n{"key":"bad"}\n');

  const imported = await jbstore(['import', file, ...at]);

  expect(imported).toMatchObject({ code: 2, stdout: '' });
  expect(imported.stderr).toBe(
    `jbstore: ${file}, line 2: value is missing: give value or value64\n`,
  );
  expect((await jbstore(['get', 'before', ...at])).code).toBe(1);
});

test('of entries with the same key the last one counts', async () => {
  const lines = Array.from({ length: 500 }, (_, index) => `{"key":"same","value":"${index}"}`);

  expect((await jbstore(['import', '-', ...at], lines.join('\n'))).code).toBe(0);

  expect((await jbstore(['get', 'same', ...at])).stdout).toBe('499');
});

test('keys lists what was put before', async () => {
  await jbstore(['put', 'listed\nkey', 'v', ...at]);

  const text = await jbstore(['keys', ...at]);
  const json = await jbstore(['keys', '--json', ...at]);

  expect(text.stdout.split('\n')).toContain('listed\\u{a}key');
  expect(json.stdout.split('\n')).toContain('{"key":"listed\\nkey"}');
});

test('export into a pipe that is closed early ends without a word', async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `{"key":"pipe/${n}","value":"${n}"}`);
  await jbstore(['import', '-', ...at], lines.join('\n'));
  const keys = new Command(['keys', ...at]);
  keys.child.stdout?.once('data', () => keys.child.stdout?.destroy());

  expect(await keys.exited).toMatchObject({ code: 0, stderr: '' });
});

test('status shows nodes, ranges, suspicions and keys', async () => {
  const table = await jbstore(['status', ...at]);
  const json = await jbstore(['status', '--json', ...at]);

  for (const address of cluster.addresses) expect(table.stdout).toContain(address);
  expect(table.stdout).toContain('suspected: none');
  const status = JSON.parse(json.stdout) as { readonly nodes: readonly object[] };
  expect(status).toMatchObject({ clusterId: 'jbstore', replication: 3 });
  expect(status.nodes).toHaveLength(3);
  for (const node of status.nodes) {
    expect(node).toMatchObject({ suspected: false, reachable: true, keys: expect.any(Number) as number });
  }
});

test('bench counts operations and their latency', async () => {
  const words = ['--seconds', '1', '--keys', '50', '--clients', '2', '--in-flight', '8'];

  const { code, stdout } = await jbstore(['bench', '--json', ...words, ...at]);

  expect(code).toBe(0);
  const result = JSON.parse(stdout) as Record<'get' | 'put', { count: number; p50Ms: number }> & {
    operations: number;
  };
  expect(result).toMatchObject({ clients: 2, inFlight: 8, failures: {} });
  expect(result.get.count + result.put.count).toBe(result.operations);
  expect(result.get.count).toBeGreaterThan(0);
  expect(result.put.p50Ms).toBeGreaterThan(0);
});

test('nobody there: exit code 3 by the deadline', async () => {
  const got = await jbstore(['get', 'a', '--connect', '127.0.0.1:1', '--timeout', '300ms']);

  expect(got).toMatchObject({ code: 3, stdout: '' });
  expect(got.stderr).toMatch(/^jbstore: cannot reach a cluster at 127\.0\.0\.1:1: .*ECONNREFUSED/);
});

test('three nodes started by hand, the first one last, make a cluster', async () => {
  const port = await freePort();
  const join = ['--nodes', '3', '--port', '0', '--join', `127.0.0.1:${port}`];
  const second = new Command(['node', ...join]);
  const third = new Command(['node', ...join]);
  await Promise.all([second, third].map((node) => node.until('listening', listening)));
  const first = new Command(['node', '--nodes', '3', '--port', `${port}`]);

  const places = await Promise.all(
    [first, second, third].map((node) => node.until('ready', ready)),
  );

  const put = await jbstore(['put', 'a', 'b', '--connect', places[2] ?? '']);
  const got = await jbstore(['get', 'a', '--connect', places[1] ?? '']);
  expect(put.code).toBe(0);
  expect(got).toMatchObject({ code: 0, stdout: 'b' });
  const stopped = await Promise.all([first, second, third].map((node) => node.stop()));
  expect(stopped.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test('SIGTERM stops a cluster and all its nodes, gracefully', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  const { code } = await other.stop();

  expect(code).toBe(0);
  expect(other.nodes.filter(({ pid }) => lives(pid))).toEqual([]);
});

test('nodes do not outlive a cluster command that was killed', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  other.command.child.kill('SIGKILL');
  await other.command.exited;

  await eventually('all nodes ended', () => !other.nodes.some(({ pid }) => lives(pid)));
});

test('a cluster says that it lost a node, and goes on', async () => {
  const other = await RunningCluster.start(['--nodes', '3']);

  other.signal(1, 'SIGKILL');

  const lost = await other.command.until('report', ({ stdout }) =>
    stdout.split('\n').find((line) => line.includes('"event":"lost"')),
  );
  expect(JSON.parse(lost)).toMatchObject({ node: 'n2', how: 'was ended by SIGKILL' });
  const put = await jbstore(['put', 'a', 'b', '--connect', other.addresses.join(',')]);
  expect(put.code).toBe(0);
  expect((await other.stop()).code).toBe(0);
});

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function entryOfLine(line: string): readonly [string, string] {
  const { key, key64, value, value64 } = JSON.parse(line) as Record<string, string | undefined>;
  return [key64 ?? base64(Buffer.from(key ?? '')), value64 ?? base64(Buffer.from(value ?? ''))];
}

/** Where a node says that it listens. */
function listening({ stderr }: Command): string | undefined {
  return /"address":"[0-9a-f]+@([^"]+)","message":"listening"/.exec(stderr)?.[1];
}

function ready(node: Command): string | undefined {
  return node.stderr.includes('the cluster is complete') ? listening(node) : undefined;
}
