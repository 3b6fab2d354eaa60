import { once } from 'node:events';

import { WebSocket, WebSocketServer } from 'ws';

import { Link } from './bare-link';
import { BareReplica } from './bare-replica';

/** What a replica tells the benchmark that started it. */
export type BareReport =
  { readonly type: 'listening'; readonly port: number } | { readonly type: 'ready' };

/** Sent to each replica when all listen. */
export interface BareCluster {
  /** Of all replicas. */
  readonly ports: readonly number[];
  /** The place of the one that is told. */
  readonly self: number;
}

const replicaPath = '/replica';
const replica = new BareReplica();
const receive = replica.receive.bind(replica);

function tell(report: BareReport): void {
  process.send?.(report);
}

/** Ready when the other two are connected. */
function join(socket: WebSocket): void {
  replica.others.push(new Link(socket, receive));
  if (replica.others.length === 2) tell({ type: 'ready' });
}

/** One replica in a process of its own; it ends when the channel to whoever started it is closed. */
async function main(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket, { url }) => {
    if (url === replicaPath) join(socket);
    else new Link(socket, receive);
  });
  await once(server, 'listening');
  // Each connects with those before it.
  process.once('message', ({ ports, self }: BareCluster) => {
    for (const port of ports.slice(0, self)) {
      const options = { perMessageDeflate: false };
      const socket = new WebSocket(`ws://127.0.0.1:${port}${replicaPath}`, options);
      socket.once('open', () => join(socket));
    }
  });
  const address = server.address();
  tell({ type: 'listening', port: typeof address === 'object' && address ? address.port : 0 });
}

void main();
