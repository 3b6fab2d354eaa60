import { connect } from '@jbstore/client';
import { GetRequest } from '@jbstore/store/port';
import { connect as dial } from 'node:net';

import { build, endAll, eventually, jbstore, patienceMs, RunningCluster } from './jbstore';
import { frameOf, RawWebSocket } from './raw-web-socket';

// What a node, in a process of its own, does with what is not for it: say so, count it, and go on.

let cluster: RunningCluster;
let address: string;

jest.setTimeout(2 * patienceMs);

beforeAll(async () => {
  build();
  cluster = await RunningCluster.start(['--nodes', '1', '--metrics-port', '0']);
  ({ address } = cluster.node(0));
}, 2 * patienceMs);

afterAll(endAll);

/** How often the node has refused something for this reason. */
async function refusals(reason: string): Promise<number> {
  const { metrics = '' } = cluster.node(0);
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  const line = new RegExp(`^jbstore_network_rejected\\S*reason="${reason}"\\S* (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1] ?? 0);
}

/** Does something bad; checks that it is counted once, and that the node goes on serving. */
async function expectRefusal(reason: string, misbehave: () => Promise<void>): Promise<void> {
  const before = await refusals(reason);
  await misbehave();
  await eventually(`"${reason}" is counted`, async () => (await refusals(reason)) > before);

  expect(await refusals(reason)).toBe(before + 1);
  await using store = await connect(address, { timeoutMs: patienceMs });
  await store.put('still', reason);
  expect(await store.getText('still')).toBe(reason);
}

test('plain HTTP is told what is here', () =>
  expectRefusal('http', async () => {
    const response = await fetch(`http://${address}/`);

    expect(response.status).toBe(426);
    expect(await response.text()).toContain('JBstore');
  }));

test('random bytes are cut off', () =>
  expectRefusal('bytes', async () => {
    const [host, port] = address.split(':');
    const socket = dial(Number(port), host ?? '');
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined).resume();
    socket.write(Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 151 + 7) & 0xff)));
    await closed;
  }));

test('a WebSocket frame larger than any is cut off before it has come', () =>
  expectRefusal('bytes', async () => {
    const socket = new RawWebSocket(address);
    await socket.introduce('jbstore');
    socket.send(Buffer.alloc(10), 2, 2 ** 30);
    await socket.closed;
  }));

test('a stranger to the cluster is refused with a reason', () =>
  expectRefusal('stranger', async () => {
    const socket = new RawWebSocket(address);
    const answer = await socket.introduce('another cluster');

    expect(answer).toMatchObject({ kind: 'refuse', code: 'ERR_FOREIGN_CLUSTER' });
    await socket.closed;
  }));

test('a frame shorter than its header is cut off', () =>
  expectRefusal('frame', async () => {
    const socket = new RawWebSocket(address);
    expect(await socket.introduce('jbstore')).toMatchObject({ kind: 'welcome' });
    socket.send(Buffer.alloc(5));
    await socket.closed;
  }));

test('a frame that ends within a message is cut off', () =>
  expectRefusal('frame', async () => {
    const socket = new RawWebSocket(address);
    expect(await socket.introduce('jbstore')).toMatchObject({ kind: 'welcome' });
    socket.send(frameOf(GetRequest.declaration.wireId, Buffer.alloc(10), 1000));
    await socket.closed;
  }));

test('a valid frame with a malformed message reaches nobody', () =>
  expectRefusal('malformed message', async () => {
    const socket = new RawWebSocket(address);
    expect(await socket.introduce('jbstore')).toMatchObject({ kind: 'welcome' });
    socket.send(frameOf(GetRequest.declaration.wireId, Buffer.alloc(3, 0xff)));
    socket.end();
    await socket.closed;
  }));

test('a message of an unknown type reaches nobody', () =>
  expectRefusal('unknown type', async () => {
    const socket = new RawWebSocket(address);
    expect(await socket.introduce('jbstore')).toMatchObject({ kind: 'welcome' });
    socket.send(frameOf(0x12345678, Buffer.alloc(3)));
    socket.end();
    await socket.closed;
  }));

test('a port in use: exit code 2, and what to do', async () => {
  const port = address.slice(address.indexOf(':') + 1);

  const outcomes = await Promise.all([
    jbstore(['node', '--port', port, '--log-level', 'silent']),
    jbstore(['cluster', '--port', port, '--log-level', 'silent']),
  ]);

  for (const { code, stderr } of outcomes) {
    expect(code).toBe(2);
    expect(stderr).toContain(port);
    expect(stderr).toContain('in use');
    expect(stderr).not.toContain('    at ');
  }
});

test('more copies than nodes, and an unknown flag: exit code 2, and what to do', async () => {
  const outcomes = await Promise.all([
    jbstore(['cluster', '--nodes', '3', '--replication', '4']),
    jbstore(['cluster', '--replicas', '4']),
  ]);

  expect(outcomes.map(({ code }) => code)).toEqual([2, 2]);
  expect(outcomes[0].stderr).toContain('must be at most the number of nodes, 3');
  expect(outcomes[1].stderr).toContain("unknown option '--replicas'");
});

test('a value over 1 MiB, and a key over 1 KiB: exit code 2, and nothing is sent', async () => {
  const at = ['--connect', address];
  const outcomes = await Promise.all([
    jbstore(['put', 'large', ...at], Buffer.alloc(1024 * 1024 + 1)),
    jbstore(['put', 'k'.repeat(1025), 'v', ...at]),
  ]);

  expect(outcomes.map(({ code }) => code)).toEqual([2, 2]);
  expect(outcomes[0].stderr).toContain('a value has at most 1048576 bytes (1 MiB)');
  expect(outcomes[1].stderr).toContain('a key has 1 to 1024 bytes');
  expect((await jbstore(['get', 'large', ...at])).code).toBe(1);
});
