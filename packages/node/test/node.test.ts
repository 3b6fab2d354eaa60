import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

import { Component, System, type Context, type Graph } from '@jbstore/core';
import { leadOf, positionOf, type View } from '@jbstore/gms/port';
import { WebSocketNetwork } from '@jbstore/network';
import { ProcessId, type Message } from '@jbstore/network/port';
import {
  parseGraph,
  readConfiguration,
  startNode,
  type LoggerOf,
  type NodeSettings,
  type RunningNode,
} from '@jbstore/node';
import {
  GetRequest,
  NotFoundReply,
  MutateRequest,
  MutatedReply,
  OkReply,
  PutRequest,
  ScanRequest,
  StatusRequest,
} from '@jbstore/store/port';

import { freePort } from '../src/free-port';

const nodes = new Set<RunningNode>();
const lines: string[] = [];

/** Collects what the nodes of a test say, which is shown if it fails. */
const loggerOf: LoggerOf = (path) => {
  const write = (message: string, fields?: object): void => {
    lines.push(`${path} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { debug: () => undefined, info: write, warn: write, error: write };
};

async function start(settings: NodeSettings): Promise<RunningNode> {
  const node = await startNode({ port: 0, ...settings }, { loggerOf });
  nodes.add(node);
  return node;
}

/** The nodes of a complete cluster, the first one first. */
async function cluster(count: number, settings: NodeSettings = {}): Promise<RunningNode[]> {
  const first = await start({ nodes: count, ...settings });
  const others = Array.from({ length: count - 1 }, () =>
    start({ nodes: count, ...settings, join: endpointOf(first) }),
  );
  const all = [first, ...(await Promise.all(others))];
  await Promise.all(all.map((node) => node.ready));
  return all;
}

/** `graph` without its counts. */
function stillOf(graph: Graph | undefined): Graph | undefined {
  if (!graph) return undefined;
  const still = { handledEvents: 0, queuedEvents: 0 };
  return {
    ...graph,
    components: graph.components.map((component) => ({ ...component, ...still })),
  };
}

function endpointOf(node: RunningNode): string {
  return node.address.slice(node.address.indexOf('@') + 1);
}

function portOf(node: RunningNode): number {
  return node.configuration.port;
}

function get(node: RunningNode, path: string, method = 'GET'): Promise<Response> {
  return fetch(`http://${node.metricsAddress ?? ''}${path}`, { method });
}

/** The sum of a figure over its components, of the lines that bear `labels`. */
async function figure(node: RunningNode, name: string, labels = ''): Promise<number> {
  const text = await (await get(node, '/metrics')).text();
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
    .map((line) => Number(line.split(' ').at(-1)));
  return values.reduce((sum, value) => sum + value, 0);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

afterEach(async () => {
  await Promise.all([...nodes].map((node) => node.stop()));
  nodes.clear();
  lines.splice(0);
});

describe('a cluster boots', () => {
  test.each([0, 1, 2])(
    'in any order: the first node is started after %i of the others',
    async (early) => {
      const port = await freePort('127.0.0.1');
      const joiner = (): Promise<RunningNode> => start({ nodes: 3, join: `127.0.0.1:${port}` });
      const before = await Promise.all(Array.from({ length: early }, joiner));
      const first = await start({ nodes: 3, port });
      const after = await Promise.all(Array.from({ length: 2 - early }, joiner));

      const members = [...before, first, ...after];
      const views = await Promise.all(members.map((node) => node.ready));

      const [view] = views as [View];
      for (const other of views) expect(other).toEqual(view);
      const addresses = view.members.map(({ address }) => address);
      expect(addresses.sort()).toEqual(members.map(({ address }) => address).sort());
      expect(view).toMatchObject({
        clusterId: 'jbstore',
        replication: 3,
        register: 'exactly-once',
      });
    },
  );

  test('of one node, with a single writer', async () => {
    const [node] = await cluster(1, { register: 'single-writer' });

    expect(await node?.ready).toMatchObject({ replication: 1, register: 'single-writer' });
  });

  test('with ids that never come again, whatever the seed', async () => {
    const [one, other] = [
      await start({ nodes: 1, seed: 's' }),
      await start({ nodes: 1, seed: 's' }),
    ];

    expect(one.address.split('@')[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(one.address.split('@')[0]).not.toBe(other.address.split('@')[0]);
    expect(one.system.seed).toBe('s');
  });

  test('says in the log what it waits for, and that it is complete', async () => {
    await cluster(2);

    const log = lines.join('\n');
    expect(log).toMatch(/node\/Journal listening .*127\.0\.0\.1:\d+/);
    expect(log).toMatch(/1 of 2 nodes have joined/);
    expect(log).toMatch(/the cluster is complete.*"index":2,"address"/);
  });
});

describe('a node serves', () => {
  /** Asks as a front end does, for the answer to the request with this id. */
  async function frontEnd(): Promise<{
    ask: (request: Message & { readonly id: number }) => Promise<Message>;
    system: System;
  }> {
    const system = new System('client');
    const init = { id: ProcessId.parse(randomUUID()), clusterId: 'jbstore' };
    const network = system.clientOf(system.create(WebSocketNetwork, init).network);
    await system.start();
    const ask = (request: Message & { readonly id: number }): Promise<Message> =>
      new Promise((resolve) => {
        network.subscribe((answer) => {
          if ('id' in answer && answer.id === request.id) resolve(answer);
        });
        network.next(request);
      });
    return { ask, system };
  }

  test.each(['exactly-once', 'multi-writer', 'single-writer'] as const)(
    'puts, gets, scans and status, with registers of the kind %s',
    async (register) => {
      const [first] = (await cluster(3, { register })) as [RunningNode];
      const view = await first.ready;
      const { ask, system } = await frontEnd();
      const key = Buffer.from('greeting');
      const owner = leadOf(view, positionOf(key));
      const [other] = view.members.map(({ address }) => address).filter((node) => node !== owner);
      const timeoutMs = 5_000;

      const value = Buffer.from('hello');
      const session = { generation: 0, chance: 'twelve bytes' };
      const operation = { kind: 'put', value } as const;
      const numbered = { request: { session, sequence: 1 }, key, operation, timeoutMs };
      const ok = await ask(
        register === 'exactly-once'
          ? new MutateRequest(other ?? owner, { id: 1, ...numbered })
          : new PutRequest(owner, { id: 1, key, value, timeoutMs }),
      );
      const found = await ask(new GetRequest(other ?? owner, { id: 2, key, timeoutMs }));
      const nothing = { id: 3, key: Buffer.from('nothing'), timeoutMs };
      const notFound = await ask(new GetRequest(owner, nothing));
      const after = positionOf(key).slice(0, 1);
      const page = await ask(new ScanRequest(owner, { id: 4, after, limit: 9, timeoutMs }));
      const status = await ask(new StatusRequest(owner, { id: 5 }));

      expect(ok).toBeInstanceOf(register === 'exactly-once' ? MutatedReply : OkReply);
      expect(found).toMatchObject({ source: other, value });
      expect(notFound).toBeInstanceOf(NotFoundReply);
      expect(page).toMatchObject({ keys: [key] });
      expect(status).toMatchObject({ registers: 1 });
      await system[Symbol.asyncDispose]();
    },
  );
});

describe('a node ends', () => {
  test('gracefully when it is asked to, and its ports are free again', async () => {
    const [node] = (await cluster(1, { metricsPort: 0 })) as [RunningNode];
    const metricsPort = Number(node.metricsAddress?.split(':').at(-1));

    await Promise.all([node.stop(), node.stop()]);

    await expect(node.stopped).resolves.toBeUndefined();
    const next = await start({ nodes: 1, port: portOf(node), metricsPort });
    expect(endpointOf(next)).toBe(endpointOf(node));
    expect(next.address).not.toBe(node.address);
  });

  test('when the block that uses it is left', async () => {
    let stopped: Promise<void>;
    {
      await using node = await start({ nodes: 1 });
      stopped = node.stopped;
    }

    await expect(stopped).resolves.toBeUndefined();
  });

  test('when it is stopped before the cluster is complete', async () => {
    const node = await start({ nodes: 2 });
    const { ready } = node;

    await node.stop();

    await expect(ready).rejects.toMatchObject({ code: 'ERR_STOPPED' });
    await expect(node.stopped).resolves.toBeUndefined();
  });

  test('when the first node is silent for the boot time-out', async () => {
    const port = await freePort('127.0.0.1');
    const node = await start({ nodes: 2, join: `127.0.0.1:${port}`, bootTimeoutMs: 300 });

    const reason = await node.stopped.catch((error: unknown) => error);

    expect(reason).toMatchObject({ code: 'ERR_BOOT_TIMED_OUT', bootTimeoutMs: 300 });
    expect(String(reason)).toContain(`127.0.0.1:${port}`);
    await expect(node.ready).rejects.toBe(reason);
  });

  test('when a component fails, with the component and its cause', async () => {
    const [node] = (await cluster(1)) as [RunningNode];
    const { stopped } = node;

    node.system.create(Faulty);

    await expect(stopped).rejects.toMatchObject({
      code: 'ERR_COMPONENT_FAULT',
      component: 'node/Faulty',
      cause: new Error('broken'),
    });
  });

  test('as an unhandled rejection, when nobody looks at how it ends', () => {
    const program = `
      const { startNode } = require('@jbstore/node');
      const endOf = async (how, look) => {
        const node = await startNode({ port: 0, nodes: 1, logLevel: 'silent' });
        process.once('unhandledRejection', ({ code }) => console.log(how, code));
        if (look) void node[look].catch(() => undefined);
        node.system.create(function Faulty(context) {
          context.fault(new Error('broken'));
        });
        await new Promise((resolve) => setTimeout(resolve, 100));
        process.removeAllListeners('unhandledRejection');
      };
      endOf('looked at', 'stopped')
        .then(() => endOf('looked at before', 'ready'))
        .then(() => endOf('ignored'));`;
    const options = ['-C', 'source', '-r', 'ts-node/register', '-e', program];

    const { stdout, stderr } = spawnSync(process.execPath, options, {
      cwd: join(__dirname, '..'),
      encoding: 'utf8',
    });

    expect([stdout, stderr]).toEqual(['ignored ERR_COMPONENT_FAULT\n', '']);
  }, 60_000);

  test('within its time, even if a component does not let go', async () => {
    const [node] = (await cluster(1, { stopTimeoutMs: 50 })) as [RunningNode];
    node.system.create(Clinging);

    await node.stop();

    expect(lines.join('\n')).toContain('stopping took too long');
  });
});

/** Fails as soon as it is there. */
class Faulty extends Component {
  constructor(context: Context) {
    super(context);
    queueMicrotask(() => {
      context.fault(new Error('broken'));
    });
  }
}

/** Never releases what it holds. */
class Clinging extends Component {
  constructor(context: Context) {
    super(context);
    context.onRelease(() => new Promise(() => undefined));
  }
}

describe('a node is refused', () => {
  async function refusalOf(settings: NodeSettings): Promise<unknown> {
    const node = await start(settings);
    return node.stopped.catch((error: unknown) => error);
  }

  /** Those whose members are the same for life. */
  const register = 'multi-writer';

  test('that comes when the cluster is complete', async () => {
    const [first] = (await cluster(2, { register })) as [RunningNode];

    const reason = await refusalOf({ nodes: 2, register, join: endpointOf(first) });

    expect(reason).toMatchObject({ code: 'ERR_JOIN_REFUSED', reason: 'cluster-complete' });
  });

  test('that was a member, and comes back without its memory', async () => {
    const [first, second] = (await cluster(2, { register })) as [RunningNode, RunningNode];
    await second.stop();

    const join = endpointOf(first);
    const reason = await refusalOf({ nodes: 2, register, port: portOf(second), join });

    expect(reason).toMatchObject({ code: 'ERR_JOIN_REFUSED', reason: 'stranger' });
    expect(String(reason)).toContain('that was restarted has lost what');
    expect((await first.ready).members.map(({ address }) => address)).toContain(second.address);
  });

  test('that was the first, and comes back to wait for joins', async () => {
    const [first] = (await cluster(2)) as [RunningNode];
    await first.stop();

    const reason = await refusalOf({ nodes: 2, port: portOf(first) });

    expect(reason).toMatchObject({ code: 'ERR_JOIN_REFUSED', reason: 'cluster-lives' });
  });

  test('that belongs to another cluster', async () => {
    const first = await start({ nodes: 2 });

    const reason = await refusalOf({ nodes: 2, join: endpointOf(first), clusterId: 'other' });

    expect(reason).toMatchObject({ code: 'ERR_JOIN_REFUSED', reason: 'foreign-cluster' });
  });

  test.each<NodeSettings>([{ nodes: 3 }, { replication: 1 }, { register: 'single-writer' }])(
    'whose settings differ: %j',
    async (different) => {
      const first = await start({ nodes: 2, replication: 2 });

      const same = { nodes: 2, replication: 2, join: endpointOf(first) };
      const reason = await refusalOf({ ...same, ...different });

      expect(reason).toMatchObject({ code: 'ERR_JOIN_REFUSED', reason: 'other-settings' });
    },
  );
});

describe('a node does not start', () => {
  test('on a port in use, for nodes or for figures', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };

    const inUse = { code: 'ERR_PORT_IN_USE', port };
    await expect(start({ nodes: 1, port })).rejects.toMatchObject(inUse);
    await expect(start({ nodes: 1, metricsPort: port })).rejects.toMatchObject(inUse);
    expect(lines.filter((line) => line.includes('starting'))).toHaveLength(2);
    await expect(start({ nodes: 1, port })).rejects.toThrow(/stop the program that listens there/);
    other.close();
  });

  test('but takes another free port, if the one it chose was taken in the meantime', async () => {
    const other = createServer();
    const thief: LoggerOf = (path) => ({
      ...loggerOf(path),
      info: (message, fields) => {
        if (message !== 'starting' || other.listening || !fields || !('address' in fields)) return;
        other.listen(Number(String(fields.address).split(':').at(-1)), '127.0.0.1');
      },
    });

    const node = await startNode({ port: 0, nodes: 1 }, { loggerOf: thief });

    expect(other.listening).toBe(true);
    expect(portOf(node)).not.toBe((other.address() as { port: number }).port);
    await node.stop();
    other.close();
  });

  test('at a host that is none of this machine', async () => {
    const elsewhere = { nodes: 1, host: '192.0.2.1', allowRemote: true };

    for (const port of [0, 7100]) {
      const starting = start({ ...elsewhere, port });
      await expect(starting).rejects.toMatchObject({ code: 'ERR_CANNOT_LISTEN' });
    }
  });

  test('if its settings do not agree', async () => {
    await expect(start({ nodes: 3, replication: 4 })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      issues: [{ setting: 'replication', source: 'code' }],
    });
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' });
  });
});

describe('the figures of a node', () => {
  test('tell that it lives, and when it is ready', async () => {
    const first = await start({ nodes: 2, metricsPort: 0 });

    expect((await get(first, '/health')).status).toBe(200);
    const early = await get(first, '/ready');
    expect(early.status).toBe(503);
    expect(await early.json()).toEqual({
      ready: false,
      waitingFor: expect.stringContaining('1 of 2 nodes have joined') as string,
    });

    await start({ nodes: 2, join: endpointOf(first) });
    await first.ready;
    const late = await get(first, '/ready');
    expect(late.status).toBe(200);
    expect(await late.json()).toEqual({ ready: true, era: 0, view: 1, members: 2 });
    expect(await (await get(first, '/health')).json()).toMatchObject({ address: first.address });
  });

  test('are there in the Prometheus text format', async () => {
    const [first, second] = (await cluster(2, { metricsPort: 0 })) as [RunningNode, RunningNode];

    const response = await get(first, '/metrics');
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(text).toMatch(/^jbstore_network_messages_received_total\{.*type="gms\/Join"\} [1-9]/m);
    expect(text).toMatch(/^jbstore_network_connections\{.*\} 1$/m);
    expect(text).toMatch(/^# TYPE jbstore_slots_phases gauge$/m);
    expect(text).toMatch(/^# TYPE jbstore_slots_rounds_total counter$/m);
    expect(text).toMatch(
      /^jbstore_component_queued_events\{component="node\/StoreNode\/StoreMember\/Exac/m,
    );
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
    await second.stop();
    await until(async () => (await figure(first, 'jbstore_epfd_suspected')) === 1);
    expect(await figure(first, 'jbstore_epfd_suspicions_total')).toBeGreaterThanOrEqual(1);
  });

  test('show its components, ports and channels, as they are now', async () => {
    const [node] = (await cluster(1, { metricsPort: 0 })) as [RunningNode];

    const response = await get(node, '/graph');

    expect(response.headers.get('content-type')).toBe('application/json');
    const graph = parseGraph(await response.text());
    // The node goes on meanwhile, so that its counts differ by now.
    expect(stillOf(graph)).toEqual(stillOf(node.system.graph()));
    expect(graph?.components.map(({ path }) => path)).toContain('node/StoreNode/WebSocketNetwork');
    expect(parseGraph('{}')).toBeUndefined();
    expect(parseGraph('graph')).toBeUndefined();
  });

  test('know no other page and no other method, and HEAD has no body', async () => {
    const node = await start({ nodes: 1, metricsPort: 0 });

    expect((await get(node, '/')).status).toBe(404);
    const post = await get(node, '/metrics', 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await get(node, '/health?full', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('do not keep the node, though a request is never finished', async () => {
    const node = await start({ nodes: 1, metricsPort: 0 });
    const socket = connect(Number(node.metricsAddress?.split(':').at(-1)), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /metrics HTTP/1.1\r\n');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await get(node, '/health');

    const before = performance.now();
    await node.stop();

    await closed;
    expect(performance.now() - before).toBeLessThan(8_000);
  });

  test('every figure that is taken for one that may go down is still counted', async () => {
    const [node] = (await cluster(1, { metricsPort: 0 })) as [RunningNode];
    const text = await (await get(node, '/metrics')).text();

    const gauges = [...text.matchAll(/^# TYPE jbstore_(\w+) gauge$/gm)].map(([, name]) => name);
    expect(gauges.sort()).toEqual([
      'component_queued_events',
      'epfd_suspected',
      'gms_followers',
      'network_connections',
      'network_queue_bytes',
      'network_queue_messages',
      'slots_phases',
      'slots_tombstones',
      'store_running',
    ]);
  });
});

describe('bad input at the port of a node', () => {
  function send(port: number, bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve();
      });
      socket.resume();
    });
  }

  test('is counted and refused, and the node goes on', async () => {
    const first = await start({ nodes: 2, metricsPort: 0 });
    const port = portOf(first);
    const chance = first.system.create(Chance);

    const plain = await fetch(`http://127.0.0.1:${port}/`);
    expect([plain.status, await plain.text()]).toEqual([426, expect.stringContaining('JBstore')]);
    for (let n = 0; n < 50; n += 1) await send(port, chance.bytes(1 + n * 40));

    const rejected = 'jbstore_network_rejected_total';
    expect(await figure(first, rejected, 'reason="http"')).toBe(1);
    expect(await figure(first, rejected, 'reason="bytes"')).toBeGreaterThan(0);
    const warnings = lines.filter((line) => line.includes('rejected input: bytes'));
    expect(warnings).toHaveLength(1);
    await start({ nodes: 2, join: endpointOf(first) });
    await expect(first.ready).resolves.toMatchObject({ number: 1 });
  });
});

/** Bytes by chance. */
class Chance extends Component {
  readonly #random;

  constructor(context: Context) {
    super(context);
    this.#random = context.random('bytes');
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random.int(256));
  }
}

test('what the README shows', async () => {
  const configuration = readConfiguration({ code: { nodes: 1, port: 0 }, environment: {} });
  await using node = await startNode({ ...configuration, logLevel: 'silent' });

  const view = await node.ready;

  expect(view.members.map(({ address }) => address)).toEqual([node.address]);
});
