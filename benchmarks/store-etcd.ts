import { Etcd3 } from 'etcd3';

import { freePort, requireProgram, type Servers } from './servers';
import { serveStore } from './store-process';
import { type StoreSubject } from './store-subject';
import { until } from './until';

const nodes = 3;
const startMs = 60_000;

/** A cluster whose log and snapshots are in memory. Its client spreads requests over all nodes. */
async function startEtcd(servers: Servers): Promise<StoreSubject> {
  requireProgram('etcd', 'etcd-server');
  const members = await Promise.all(
    Array.from({ length: nodes }, async (_, index) => ({
      name: `node${index}`,
      client: `http://127.0.0.1:${await freePort()}`,
      peer: `http://127.0.0.1:${await freePort()}`,
    })),
  );
  const cluster = members.map(({ name, peer }) => `${name}=${peer}`).join();
  const pids = await Promise.all(
    members.map(({ name, client, peer }) =>
      servers.start('etcd', [
        ...['--name', name, '--data-dir', servers.scratchDirectory()],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
      ]),
    ),
  );

  const etcd = new Etcd3({ hosts: members.map(({ client }) => client) });
  await until('etcd has a leader', startMs, () => {
    const asked = members.map(() => etcd.get('anything').buffer());
    return Promise.all(asked).then(
      () => true,
      () => false,
    );
  });
  return {
    pids,
    put: async (key, value) => {
      await etcd.put(key).value(value).exec();
    },
    putAll: async (entries) => {
      const puts = entries.map(([key, value]) => ({
        request_put: { key: Buffer.from(key), value },
      }));
      await etcd.kv.txn({ success: puts });
    },
    get: async (key) => (await etcd.get(key).buffer()) ?? undefined,
  };
}

serveStore(startEtcd);
