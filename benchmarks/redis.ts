import { Redis } from 'ioredis';

import { freePort, requireProgram, type Servers } from './servers';
import { type StoreSubject } from './store-subject';
import { until } from './until';

const replicas = 2;

/** How many of them a put waits for. */
const replicasToWaitFor = 1;
const waitMs = 5_000;

/** How long servers may take until they serve. */
const startMs = 10_000;
const retryMs = 20;

/** One server, in memory only. */
export async function startRedis(servers: Servers): Promise<StoreSubject> {
  requireProgram('redis-server', 'redis-server');
  const { port, pid } = await startServer(servers);
  const redis = await connected(port);
  return {
    pids: [pid],
    put: async (key, value) => {
      await redis.set(key, value);
    },
    get: async (key) => (await redis.getBuffer(key)) ?? undefined,
  };
}

/**
 * A server with two replicas; a put is done when one of them has it. Not linearizable, and what is
 * stored so can be lost; but the nearest that Redis has.
 *
 * One connection, although WAIT keeps it busy: with more of them it was slower, or no faster.
 */
export async function startReplicatedRedis(servers: Servers): Promise<StoreSubject> {
  requireProgram('redis-server', 'redis-server');
  const main = await startServer(servers);
  const others = await Promise.all(
    Array.from({ length: replicas }, () => startServer(servers, main.port)),
  );
  const redis = await connected(main.port);
  await until('the replicas of Redis are online', startMs, async () => {
    const online = (await redis.info('replication')).match(/state=online/g);
    return online?.length === replicas;
  });
  return {
    pids: [main, ...others].map(({ pid }) => pid),
    put: async (key, value) => {
      // Both go out at once: WAIT waits for what its connection wrote before.
      const stored = redis.set(key, value);
      const [reached] = await Promise.all([redis.wait(replicasToWaitFor, waitMs), stored]);
      if (reached < replicasToWaitFor) throw new Error(`WAIT: only ${reached} replicas`);
    },
    get: async (key) => (await redis.getBuffer(key)) ?? undefined,
  };
}

/** @param mainPort - of the server of which it is a replica */
async function startServer(
  servers: Servers,
  mainPort?: number,
): Promise<{ readonly port: number; readonly pid: number }> {
  const port = await freePort();
  const pid = await servers.start('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', servers.scratchDirectory()],
    ...['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'],
    ...(mainPort === undefined ? [] : ['--replicaof', '127.0.0.1', String(mainPort)]),
  ]);
  return { port, pid };
}

async function connected(port: number): Promise<Redis> {
  const redis = new Redis(port, '127.0.0.1', {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times * retryMs > startMs ? null : retryMs),
  });
  // While the server starts, connecting fails and is tried again; a request that fails says so itself.
  redis.on('error', () => undefined);
  await redis.ping();
  return redis;
}
