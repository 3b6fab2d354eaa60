import { connect, type Store } from '@jbstore/client';

import { closedLoop } from './closed-loop';
import { rowOf, type Curves, type Effort, type Progress, type Row, type Suite } from './harness';
import { startCluster } from './jbstore';
import { us } from './selection';
import { Servers } from './servers';
import { type StoreClient } from './store-subject';
import { uniform, Workload, type Draw } from './workload';
import { zipf } from './zipf';

const keyBytes = 16;
const timeoutMs = 60_000;

/** The cluster that is measured, and what it is asked. */
interface Shape {
  readonly nodes: number;
  readonly replication: number;
  readonly valueBytes: number;
  /** How many keys are held, and how those of the requests are drawn of them. */
  readonly keys: number;
  readonly draw: Draw;
  /** Clients, each with a connection to every node, and how many requests they have in flight, all together. */
  readonly connections: number;
  readonly inFlight: number;
}

/** What others differ from in one thing. */
const usual: Shape = {
  ...{ nodes: 3, replication: 3, valueBytes: 100, keys: 10_000, draw: uniform },
  ...{ connections: 1, inFlight: 64 },
};

interface Family {
  readonly name: string;
  readonly title: string;
  readonly across: string;
  /** By label. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

const kibi = 1_024;

function ofValues(valueBytes: number): Shape {
  // As many keys as take at most 32 MiB on a node, and as many requests as large values are usually sent with.
  const keys = Math.min(usual.keys, Math.max(32, (32 * kibi * kibi) / valueBytes));
  return { ...usual, valueBytes, keys, inFlight: 16 };
}

function ofConnections(connections: number): Shape {
  return { ...usual, connections, inFlight: 1_000 };
}

const families: readonly Family[] = [
  {
    ...{ name: 'values', title: 'Requests a second by size of value', across: 'bytes of a value' },
    shapes: {
      '16': ofValues(16),
      '100': ofValues(100),
      '1 Ki': ofValues(kibi),
      '16 Ki': ofValues(16 * kibi),
      '256 Ki': ofValues(256 * kibi),
      '1 Mi': ofValues(kibi * kibi),
    },
  },
  {
    ...{ name: 'nodes', title: 'Requests a second by number of nodes', across: 'nodes, δ = 3' },
    shapes: {
      '3': usual,
      '5': { ...usual, nodes: 5 },
      '9': { ...usual, nodes: 9 },
      '15': { ...usual, nodes: 15 },
    },
  },
  {
    ...{ name: 'copies', title: 'Requests a second by number of copies', across: 'δ, of 5 nodes' },
    shapes: {
      '1': { ...usual, nodes: 5, replication: 1 },
      '3': { ...usual, nodes: 5 },
      '5': { ...usual, nodes: 5, replication: 5 },
    },
  },
  {
    ...{ name: 'skew', title: 'Requests a second by choice of keys', across: 'choice of keys' },
    shapes: {
      uniform: usual,
      'Zipf 0.99': { ...usual, draw: zipf(usual.keys, 0.99) },
      'one key': { ...usual, keys: 1 },
    },
  },
  {
    ...{ name: 'connections', title: 'Requests a second by number of clients' },
    across: 'clients, 1,000 requests in flight',
    shapes: {
      '1': ofConnections(1),
      '10': ofConnections(10),
      '100': ofConnections(100),
      '1000': ofConnections(1_000),
    },
  },
];

/** What is told of each. */
const told = {
  rate: ['half put half get', 'requests/s'],
  p99: ['p99 latency', 'ms'],
} as const;

type Told = keyof typeof told;

function nameOf(what: Told, { name }: Family, label: string): string {
  return `${told[what][0]}, ${name}: ${label}`;
}

/** Our store alone, in clusters and under loads that differ from the usual one in one thing. */
export const shapes: Suite = {
  name: 'shapes',
  about: 'our store by size of values, nodes, copies, choice of keys, clients',
  subjects: [us],
  curves: families.map((family): Curves => {
    const { name, title, across } = family;
    const labels = Object.keys(family.shapes);
    const points = labels.map((label) => ({ label, scenario: nameOf('rate', family, label) }));
    return { name, title, across, points };
  }),
  run: async (effort, progress) => {
    const rows: Row[] = [];
    for (const family of families) {
      for (const [label, shape] of Object.entries(family.shapes)) {
        rows.push(...(await rowsOf(family, label, shape, effort, progress)));
      }
    }
    return { rows, skipped: [] };
  },
};

async function rowsOf(
  family: Family,
  label: string,
  shape: Shape,
  effort: Effort,
  progress: Progress,
): Promise<readonly Row[]> {
  const asked = (Object.keys(told) as Told[]).filter((what) =>
    effort.selection.hasScenario(nameOf(what, family, label)),
  );
  if (asked.length === 0) return [];
  progress(family.title, `${family.title}: ${label}`);
  const measured = await measure(shape, effort);
  const { nodes, replication, valueBytes, keys, connections, inFlight } = shape;
  const parameters = { nodes, replication, keyBytes, valueBytes, keys, connections, inFlight };
  return asked.map((what) => {
    const [, unit] = told[what];
    const scenario = nameOf(what, family, label);
    return rowOf({ scenario, subject: us, unit, parameters }, measured[what]);
  });
}

async function measure(
  { nodes, replication, valueBytes, keys, draw, connections, inFlight }: Shape,
  { quick, runs }: Effort,
): Promise<Readonly<Record<Told, readonly number[]>>> {
  await using servers = new Servers();
  const { address } = await startCluster(servers, { nodes, replication });
  const stores: Store[] = [];
  try {
    for (let client = 0; client < connections; client += 1) {
      stores.push(await connect(address, { timeoutMs }));
    }
    const client = inTurn(stores);
    const workload = new Workload({ keys, keyBytes, valueBytes }, draw);
    await workload.hold(client, keys);
    const rate: number[] = [];
    const p99: number[] = [];
    // The first one is not counted: what compiles itself while it runs does so then.
    for (let run = 0; run <= runs; run += 1) {
      const milliseconds = quick ? 200 : run === 0 ? 3_000 : 2_000;
      const generation = run % 2 === 0 ? 1 : 0;
      const load = { inFlight, milliseconds, generation } as const;
      const { operations, elapsedMs, p99Ms } = await closedLoop(client, workload, load);
      if (run === 0) continue;
      rate.push((1_000 * operations) / elapsedMs);
      p99.push(p99Ms);
    }
    return { rate, p99 };
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** Each request goes to the next of `stores`. */
function inTurn(stores: readonly Store[]): StoreClient {
  let requests = 0;
  const next = (): Store => {
    const store = stores[requests % stores.length];
    requests += 1;
    if (!store) throw new Error('there is a client');
    return store;
  };
  return {
    put: (key, value) => next().put(key, value),
    get: (key) => next().get(key),
  };
}
