import { connect, StorageType, type KV, type NatsConnection } from 'nats';

import { freePort, requireProgram, type Servers } from './servers';
import { serveStore } from './store-process';
import { type StoreSubject } from './store-subject';
import { until } from './until';

const nodes = 3;
const startMs = 60_000;

const callMs = 60_000;

/** A server that does not know who leads does not answer at all. */
const attemptMs = 1_000;

/**
 * A bucket in the memory of three servers, of which the client is connected with the one that leads it. Gets
 * are answered by this one: with `allow_direct` any would answer, and not know of puts that were acknowledged.
 */
async function startNats(servers: Servers): Promise<StoreSubject> {
  requireProgram('nats-server', 'nats-server');
  const members = await Promise.all(
    Array.from({ length: nodes }, async (_, index) => ({
      name: `node${index}`,
      port: await freePort(),
      route: `nats://127.0.0.1:${await freePort()}`,
    })),
  );
  const routes = members.map(({ route }) => route).join();
  const pids = await Promise.all(
    members.map(({ name, port, route }) =>
      servers.start('nats-server', [
        ...['--name', name, '--addr', '127.0.0.1', '--port', String(port)],
        ...['--jetstream', '--store_dir', servers.scratchDirectory()],
        ...['--cluster_name', 'benchmark', '--cluster', route, '--routes', routes],
      ]),
    ),
  );

  const servedBy = members.map(({ port }) => `127.0.0.1:${port}`);
  let leader: string | undefined;
  await until('NATS has a leader', startMs, async () => {
    try {
      leader = await leaderOf(servedBy);
    } catch {
      // The servers have not found one another.
    }
    return leader !== undefined;
  });
  const place = members.findIndex(({ name }) => name === leader);
  const bucket = await bucketOf(await connect({ servers: servedBy[place] ?? servedBy }), callMs);
  return {
    pids,
    put: async (key, value) => {
      await bucket.put(key, value);
    },
    get: async (key) => (await bucket.get(key))?.value,
  };
}

/** The name of the server that leads the bucket, which is made if there is none. */
async function leaderOf(servers: readonly string[]): Promise<string | undefined> {
  const connection = await connect({ servers: [...servers] });
  try {
    const { streamInfo } = await (await bucketOf(connection, attemptMs)).status();
    return streamInfo.cluster?.leader;
  } finally {
    await connection.close();
  }
}

function bucketOf(connection: NatsConnection, timeout: number): Promise<KV> {
  return connection.jetstream({ timeout }).views.kv('benchmark', {
    ...{ replicas: nodes, storage: StorageType.Memory, history: 1 },
    ...{ allow_direct: false, timeout },
  });
}

serveStore(startNats);
