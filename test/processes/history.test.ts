import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';

import { readJsonLines } from '@jbstore/linearizability';

import { build, Command, endAll, freePort, jbstore, patienceMs, RunningCluster } from './jbstore';

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

/**
 * Records a load by `jbstore bench` into `file`, while one node is paused and continued, and another killed.
 */
async function record(
  addresses: readonly string[],
  file: string,
  signal: (index: number, signal: NodeJS.Signals) => void,
): Promise<void> {
  const load = ['--clients', '8', '--in-flight', '2', '--keys', '3', '--seconds', '6'];
  const where = ['--connect', addresses.join(','), '--record', file];
  const bench = new Command(['bench', ...load, ...where]);
  await bench.until('beginning of the measurement', ({ stderr }) =>
    stderr.includes('measuring') ? true : undefined,
  );
  signal(1, 'SIGSTOP');
  await pass(1_500);
  signal(1, 'SIGCONT');
  await pass(1_000);
  signal(2, 'SIGKILL');
  const { code, stderr } = await bench.exited;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

/** What `jbstore check` says of `file`, and its exit code. */
async function verdictOf(file: string, options: readonly string[] = []): Promise<unknown[]> {
  const { stdout, code } = await jbstore(['check', file, ...options]);
  return [stdout.split('\n')[0], code];
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Starts a node whose gets are answered from its own copy; resolves when it is a member. */
async function startFlawedNode(port: number, firstPort: number, lagMs: number): Promise<void> {
  const words = ['-C', 'source', '-r', 'ts-node/register', join(__dirname, 'local-reads-node.ts')];
  const node = spawn(process.execPath, [...words, ...[port, firstPort, lagMs].map(String)]);
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

  await record(cluster.addresses, file, (index, signal) => cluster.signal(index, signal));

  const history = readJsonLines(readFileSync(file, 'utf8'));
  expect(history.filter(({ status }) => status === 'ok').length).toBeGreaterThan(100);
  for (const algorithm of ['zones', 'search']) {
    expect(await verdictOf(file, ['--algorithm', algorithm])).toEqual(['linearizable', 0]);
  }
});

test('the same with a register that reads its own copy is not', async () => {
  const ports = await Promise.all(Array.from({ length: members }, freePort));
  const [firstPort = 0] = ports;
  // Two of the five are on slow links, of which a majority, and so every sound register, is none the worse.
  const lagsMs = [0, 0, 0, 200, 200];
  await Promise.all(ports.map((port, n) => startFlawedNode(port, firstPort, lagsMs[n] ?? 0)));
  const file = join(folder, 'flawed.jsonl');

  const addresses = ports.map((port) => `127.0.0.1:${String(port)}`);
  await record(addresses, file, (index, signal) => flawedNodes[index]?.kill(signal));

  expect(await verdictOf(file)).toEqual(['not linearizable', 1]);
});
