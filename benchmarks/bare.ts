import { once } from 'node:events';

import { WebSocket } from 'ws';

import { BareClient } from './bare-client';
import { type BareCluster, type BareReport } from './bare-process';
import { reported } from './reported';
import { type Servers } from './servers';
import { type StoreSubject } from './store-subject';

const replicas = 3;

/**
 * The messages that replication takes, and nothing else: no time-outs, no views, no sessions, no checks. What
 * is left of its rate is what promises cost.
 */
export async function startBare(servers: Servers): Promise<StoreSubject> {
  const children = Array.from({ length: replicas }, () => servers.fork('bare-process.ts'));
  const ready = children.map((child) => reported<BareReport, 'ready'>(child, 'ready'));
  const listening = await Promise.all(
    children.map((child) => reported<BareReport, 'listening'>(child, 'listening')),
  );
  const ports = listening.map(({ port }) => port);
  children.forEach((child, self) => child.send({ ports, self } satisfies BareCluster));
  await Promise.all(ready);

  const sockets = ports.map(
    (port) => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false }),
  );
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const client = new BareClient(sockets);
  return {
    pids: children.map(({ pid }) => pid ?? 0),
    put: (key, value) => client.put(key, value),
    get: (key) => client.get(key),
  };
}
