import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';

import { check, keyValue, readJsonLines } from '@jbstore/linearizability';

import { build, Command, endAll, freePort, patienceMs, RunningCluster } from './jbstore';

// What real processes did under faults, recorded by the client and judged by the checker.

const members = 5;

let folder = '';
const flawedNodes: ChildProcess[] = [];

jest.setTimeout(2 * patienceMs);

beforeAll(build, 2 * patienceMs);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jbstore-history-'));
});

afterEach(async () => {
  for (const node of flawedNodes.splice(0)) node.kill('SIGKILL');
  await endAll();
  rmSync(folder, { recursive: true });
});

/** Records a load by `jbstore bench` into `file`; what the nodes suffer meanwhile is up to `suffer`. */
async function record(
  addresses: readonly string[],
  file: string,
  suffer: () => Promise<void>,
): Promise<void> {
  const load = ['--clients', '8', '--in-flight', '2', '--keys', '3', '--seconds', '6'];
  const where = ['--connect', addresses.join(','), '--record', file];
  const bench = new Command(['bench', ...load, ...where]);
  await bench.until('beginning of the measurement', ({ stderr }) =>
    stderr.includes('measuring') ? true : undefined,
  );
  await suffer();
  const { code, stderr } = await bench.exited;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a node whose gets are answered from its own copy; resolves when it is a member. */
async function startFlawedNode(port: number, firstPort: number): Promise<void> {
  const words = ['-C', 'source', '-r', 'ts-node/register', join(__dirname, 'local-reads-node.ts')];
  const node = spawn(process.execPath, [...words, String(port), String(firstPort)]);
  flawedNodes.push(node);
  let told = '';
  await new Promise<void>((resolve, reject) => {
    node.stdout.on('data', () => resolve());
    node.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    node.on('exit', () => reject(new Error(`a flawed node ended: ${told}`)));
  });
}

test('five nodes, one paused and another killed: what the clients saw is linearizable', async () => {
  const words = ['--nodes', String(members), '--replication', String(members)];
  const cluster = await RunningCluster.start(words);
  const file = join(folder, 'sound.jsonl');

  await record(cluster.addresses, file, async () => {
    cluster.signal(1, 'SIGSTOP');
    await pass(1_500);
    cluster.signal(1, 'SIGCONT');
    await pass(1_000);
    cluster.signal(2, 'SIGKILL');
  });

  const history = readJsonLines(readFileSync(file, 'utf8'));
  expect(history.filter(({ status }) => status === 'ok').length).toBeGreaterThan(100);
  for (const algorithm of ['zones', 'search'] as const) {
    expect(check(history, keyValue(), { algorithm }).verdict).toBe('linearizable');
  }
});

test('the same with a register that reads its own copy is not', async () => {
  const ports = await Promise.all(Array.from({ length: members }, freePort));
  const [firstPort = 0] = ports;
  await Promise.all(ports.map((port) => startFlawedNode(port, firstPort)));
  const file = join(folder, 'flawed.jsonl');

  await record(
    ports.map((port) => `127.0.0.1:${String(port)}`),
    file,
    async () => {
      flawedNodes[1]?.kill('SIGSTOP');
      await pass(1_500);
      flawedNodes[1]?.kill('SIGCONT');
      await pass(1_000);
      flawedNodes[2]?.kill('SIGKILL');
    },
  );

  const history = readJsonLines(readFileSync(file, 'utf8'));
  expect(check(history, keyValue()).verdict).toBe('not linearizable');
});
