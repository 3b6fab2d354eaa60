import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { descendantsOf, isRunning, procIsHere } from './processes';

jest.setTimeout(300_000);

const root = join(__dirname, '..', '..');
const words = ['-C', 'source', '-r', 'ts-node/register', 'benchmarks/main.ts', 'store'];
const figures = [
  'half put half get',
  'p50 latency',
  'p99 latency',
  'processor time of the client',
  'processor time of the servers',
];
const scenarios = [
  ...[1, 16, 64, 256].flatMap((inFlight) => figures.map((figure) => `${figure}, C=${inFlight}`)),
  ...['rate kept, open loop', 'p50 latency, open loop'],
  ...['p99 latency, open loop', 'p99.9 latency, open loop'],
];

function isHere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** By subject: how many processes it takes, the client with them, or 1 if its servers are not here. */
const processes: Readonly<Record<string, number>> = {
  jbstore: 4,
  'jbstore embedded': 3,
  'bare pattern': 4,
  'Redis alone': isHere('redis-server') ? 2 : 1,
  'Redis + WAIT 1': isHere('redis-server') ? 4 : 1,
  'NATS KV': isHere('nats-server') ? 4 : 1,
  etcd: isHere('etcd') ? 4 : 1,
};
const present = Object.keys(processes).filter((subject) => processes[subject] !== 1);

interface Line {
  readonly suite: string;
  readonly rows: readonly Record<string, unknown>[];
  readonly skipped: readonly Record<string, unknown>[];
  readonly ratios: Readonly<Record<string, number>>;
}

describe('the store suite', () => {
  test('prints as its last line what it measured, of us and of every peer that is here', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jbstore-benchmark-'));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...words, '--quick', '--json', '--out', folder],
      { cwd: root },
    );

    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Line;
    expect(last.suite).toBe('store');
    for (const subject of present) {
      const measured = last.rows.filter((row) => row['subject'] === subject);
      expect(measured.map((row) => row['scenario'])).toEqual(scenarios);
      for (const { median } of measured) expect(median).toBeGreaterThan(0);
    }
    const compared = scenarios.flatMap((scenario) =>
      present.slice(1).map((peer) => `${scenario}: jbstore / ${peer}`),
    );
    expect(Object.keys(last.ratios).sort()).toEqual(compared.sort());
    const skipped = last.skipped.filter(({ scenario }) => scenarios.includes(String(scenario)));
    const absent = new Set(skipped.map(({ subject }) => String(subject)));
    expect([...present, ...absent].sort()).toEqual(Object.keys(processes).sort());

    const charts = ['store.svg', 'store-throughput.svg', 'store-p99.svg', 'store-open-loop.svg'];
    expect(readdirSync(folder).sort()).toEqual([...charts, 'store.json'].sort());
    rmSync(folder, { recursive: true });
  });

  const testWithProc = procIsHere ? test : test.skip;

  testWithProc('leaves no process behind when it is interrupted', async () => {
    const few = [...words, '--quick', '--against', 'bare pattern'];
    const child = spawn(process.execPath, few, { cwd: root, stdio: 'ignore' });
    let started = descendantsOf(child.pid);
    // Processes that measure, and servers that these have started: of each kind that there is.
    while (started.length < (processes['jbstore'] ?? 0) + (processes['bare pattern'] ?? 0)) {
      expect(child.exitCode).toBeNull();
      await delay(50);
      started = descendantsOf(child.pid);
    }

    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];

    expect(code).toBe(130);
    while (started.some(isRunning)) await delay(50);
  });
});
