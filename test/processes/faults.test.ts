import { connect, type Store } from '@jbstore/client';

import {
  build,
  Command,
  endAll,
  eventually,
  freePort,
  jbstore,
  patienceMs,
  RunningCluster,
  type RunningNode,
} from './jbstore';
import { Load } from './load';

// Nodes in processes of their own, which are killed and stopped under load by the client library.

const writers = 16;

/** The deadline of every request of the load. */
const timeoutMs = 6_000;

/** What a timer may be late on a busy machine. */
const lateMs = 2_000;

jest.setTimeout(2 * patienceMs);

beforeAll(build, 2 * patienceMs);

afterEach(endAll);

/** Resolves with the time at which the client knows that exactly these nodes are suspected. */
function suspicionOf(store: Store, nodes: readonly RunningNode[]): Promise<number> {
  const expected = nodes.map(({ address }) => address).sort();
  return new Promise((resolve) => {
    const subscription = store.events.subscribe((event) => {
      if (event.type !== 'suspicions') return;
      const suspected = event.suspected.map((address) => address.slice(address.indexOf('@') + 1));
      if (String(suspected.sort()) !== String(expected)) return;
      subscription.unsubscribe();
      resolve(performance.now());
    });
  });
}

/** Resolves when so many more requests have been answered. */
async function answered(load: Load, count: number): Promise<void> {
  const before = load.requests.length;
  await eventually(`${count} requests are answered`, () => load.requests.length >= before + count);
}

const everything = 'every request is answered';
const gets = 'every get is answered, and only puts at that node are in doubt';

test.each([
  { signal: 'SIGKILL', register: 'exactly-once', promise: everything },
  { signal: 'SIGSTOP', register: 'exactly-once', promise: everything },
  { signal: 'SIGKILL', register: 'multi-writer', promise: gets },
  { signal: 'SIGSTOP', register: 'multi-writer', promise: gets },
] as const)(
  'one node under $signal, $register: no acknowledged put is lost, $promise',
  async ({ signal, register }) => {
    const words = ['--nodes', '3', '--replication', '3', '--register', register];
    const cluster = await RunningCluster.start(words);
    await using store = await connect(cluster.addresses, { timeoutMs });
    const load = new Load(store, writers, timeoutMs);
    load.start();
    await answered(load, 20 * writers);

    const suspicion = suspicionOf(store, [cluster.node(1)]);
    const faultMs = performance.now();
    cluster.signal(1, signal);
    const suspectedMs = await suspicion;
    await answered(load, 20 * writers);
    await load.stop();
    await load.check();

    expect(load.violations).toEqual([]);
    expect(load.of('get').filter(({ error }) => error !== undefined)).toEqual([]);
    for (const { startMs, endMs } of load.requests) {
      expect(endMs - startMs).toBeLessThan(timeoutMs + lateMs);
    }
    // A writer has one put under way at a time, and each was at some one of the three nodes.
    expect(load.rejected.length).toBeLessThanOrEqual(register === 'exactly-once' ? 0 : writers);
    for (const { error, startMs, endMs } of load.rejected) {
      expect(error).toBe('ERR_OUTCOME_UNKNOWN');
      expect(endMs).toBeGreaterThan(faultMs);
      expect(startMs).toBeLessThan(suspectedMs);
    }
    process.stdout.write(
      `${signal}, ${register}: suspected after ${Math.round(suspectedMs - faultMs)} ms; of ${load.requests.length} ` +
        `requests ${load.rejected.length} puts ended with "outcome unknown"\n`,
    );
    await cluster.stop();
  },
);

test('a majority stopped: requests end by their deadline, and succeed after SIGCONT', async () => {
  const cluster = await RunningCluster.start(['--nodes', '3', '--replication', '3']);
  await using store = await connect(cluster.addresses, { timeoutMs });
  await store.put('key', 'before');

  const suspicion = suspicionOf(store, [cluster.node(1), cluster.node(2)]);
  for (const index of [1, 2]) cluster.signal(index, 'SIGSTOP');
  await suspicion;
  const startMs = performance.now();
  const shortMs = 1_000;
  const outcomes = await Promise.allSettled([
    store.get('key', { timeoutMs: shortMs }),
    store.put('key', 'meanwhile', { timeoutMs: shortMs }),
  ]);
  const elapsedMs = performance.now() - startMs;
  const there = cluster.node(0).address;
  const command = await jbstore(['get', 'key', '--connect', there, '--timeout', '1s']);

  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'ERR_UNAVAILABLE' } },
    { status: 'rejected', reason: { code: 'ERR_OUTCOME_UNKNOWN' } },
  ]);
  expect(elapsedMs).toBeLessThan(shortMs + lateMs);
  expect(command).toMatchObject({ code: 3, stdout: '' });

  const restored = suspicionOf(store, []);
  for (const index of [1, 2]) cluster.signal(index, 'SIGCONT');
  await restored;

  expect(['before', 'meanwhile']).toContain(await store.getText('key'));
  await store.put('key', 'after');
  expect(await store.getText('key')).toBe('after');
  await cluster.stop();
});

test.each([
  { register: 'exactly-once', becomes: 'a new member in its own place' },
  { register: 'multi-writer', becomes: 'a stranger, and refused' },
])('a node that was killed and started again is $becomes: $register', async ({ register }) => {
  const ports = [await freePort(), await freePort(), await freePort()];
  const [first = 0, , last = 0] = ports;
  const wordsOf = (port: number): string[] => {
    const words = ['node', '--nodes', '3', '--register', register, '--port', `${port}`];
    return port === first ? words : [...words, '--join', `127.0.0.1:${first}`];
  };
  const nodes = ports.map((port) => new Command(wordsOf(port)));
  const complete = ({ stderr }: Command): true | undefined =>
    stderr.includes('the cluster is complete') || undefined;
  await Promise.all(nodes.map((node) => node.until('a complete cluster', complete)));
  await jbstore(['put', 'key', 'kept', '--connect', `127.0.0.1:${first}`]);

  nodes[2]?.child.kill('SIGKILL');
  await nodes[2]?.exited;
  const again = new Command(wordsOf(last));

  if (register === 'exactly-once') {
    await again.until('a complete cluster', complete);
    const got = await jbstore(['get', 'key', '--connect', `127.0.0.1:${last}`]);
    expect(got).toMatchObject({ code: 0, stdout: 'kept' });
    return;
  }
  const { code, stderr } = await again.exited;
  expect(code).toBe(3);
  expect(stderr).toContain('that was restarted has lost what that one held');
  expect(stderr).not.toContain('    at ');
});
