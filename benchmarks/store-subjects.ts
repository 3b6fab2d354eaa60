import { us } from './selection';

/** Who takes part: a program that is alone in its process, and what is particular to it. */
export interface StoreEntry {
  readonly program: string;
  readonly parameters: Readonly<Record<string, number | string>>;
}

export const storeSubjects: Readonly<Record<string, StoreEntry>> = {
  [us]: { program: 'store-jbstore.ts', parameters: { nodes: 3, replication: 3, connections: 3 } },
  'jbstore embedded': {
    program: 'store-embedded.ts',
    parameters: { nodes: 3, replication: 3, connections: 3, nodesInClientProcess: 1 },
  },
  'bare pattern': { program: 'store-bare.ts', parameters: { nodes: 3, connections: 3 } },
  'Redis alone': { program: 'store-redis.ts', parameters: { nodes: 1, connections: 1 } },
  'Redis + WAIT 1': { program: 'store-redis-wait.ts', parameters: { nodes: 3, connections: 1 } },
  'NATS KV': { program: 'store-nats.ts', parameters: { nodes: 3, replication: 3, connections: 1 } },
  etcd: { program: 'store-etcd.ts', parameters: { nodes: 3, connections: 3 } },
};
