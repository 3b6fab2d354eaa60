import { type ChildProcess } from 'node:child_process';

import { connect } from '@jbstore/client';
import { startNode, type NodeSettings } from '@jbstore/node';

import { type NodeReport } from './jbstore-node';
import { reported } from './reported';
import { type Servers } from './servers';
import { type StoreSubject } from './store-subject';

/** How many nodes there are, and how many of them keep each key. */
export interface ClusterSize {
  readonly nodes: number;
  readonly replication: number;
}

const three: ClusterSize = { nodes: 3, replication: 3 };
const settings = { host: '127.0.0.1', port: 0, logLevel: 'warn', ...three } as const;

/** As long as the clients of others: on a machine that is busy with something else a call may take long. */
const timeoutMs = 60_000;

/** A cluster of node processes. */
export async function startJbstore(servers: Servers): Promise<StoreSubject> {
  const { address, members } = await startCluster(servers, three);
  return connected(address, members);
}

/** A cluster of node processes, all of which are ready. */
export async function startCluster(
  servers: Servers,
  size: ClusterSize,
): Promise<{ readonly address: string; readonly members: readonly NodeProcess[] }> {
  const first = startNodeProcess(servers, { ...settings, ...size });
  const { address } = await first.listening;
  const members = [first, ...startOthers(servers, address, size)];
  await Promise.all(members.map(({ ready }) => ready));
  return { address, members };
}

/** One node is in the process of the client, which connects with it as with any other. */
export async function startEmbedded(servers: Servers): Promise<StoreSubject> {
  const node = await startNode(settings);
  const { host, port } = node.configuration;
  const address = `${host}:${port}`;
  const others = startOthers(servers, address, three);
  await Promise.all([node.ready, ...others.map(({ ready }) => ready)]);
  return connected(address, others);
}

async function connected(address: string, members: readonly NodeProcess[]): Promise<StoreSubject> {
  const store = await connect(address, { timeoutMs });
  return {
    pids: members.map(({ child }) => child.pid ?? 0),
    put: (key, value) => store.put(key, value),
    get: (key) => store.get(key),
  };
}

function startOthers(servers: Servers, join: string, size: ClusterSize): NodeProcess[] {
  const ofNode = { ...settings, ...size, join };
  return Array.from({ length: size.nodes - 1 }, () => startNodeProcess(servers, ofNode));
}

interface NodeProcess {
  readonly child: ChildProcess;
  readonly listening: Promise<Extract<NodeReport, { readonly type: 'listening' }>>;
  readonly ready: Promise<NodeReport>;
}

function startNodeProcess(servers: Servers, ofNode: NodeSettings): NodeProcess {
  const child = servers.fork('jbstore-node.ts', [JSON.stringify(ofNode)]);
  return {
    child,
    listening: reported<NodeReport, 'listening'>(child, 'listening'),
    ready: reported<NodeReport, 'ready'>(child, 'ready'),
  };
}
