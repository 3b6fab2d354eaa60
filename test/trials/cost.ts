import type { Store } from '@jbstore/client';
import { groupOf, positionOf } from '@jbstore/gms/port';

import type { Nodes } from '../processes/nodes';
import type { Stage, Trial } from './perform';

const keys = 20_000;
const valueBytes = 1_000;
/** What a member says of a record that another one has: its place, its tag and its floor. */
const digestBytes = 36;
const measuredMs = 10_000;
/** Requests at a time of the load on keys that do not move. */
const inFlight = 16;

const value = Buffer.alloc(valueBytes, 'v');

/** What is counted of all nodes, by `/metrics`. */
const counted = {
  bytes: 'jbstore_network_bytes_sent_total',
  rounds: 'jbstore_slots_rounds_total',
  operations: 'jbstore_slots_operations_total',
  takeovers: 'jbstore_slots_takeovers_total',
  merges: 'jbstore_slots_merges_total',
  imposed: 'jbstore_slots_imposed_reads_total',
} as const;

type Counts = Record<keyof typeof counted, number>;

/** What replacing a node costs: bytes against the bound, throughput, and what slots notice that do not move. */
export const cost: Trial = {
  name: 'cost',
  about: `a node of five is replaced, with ${keys} keys of ${valueBytes} bytes in the store`,
  nodes: 5,
  replication: 3,
  async run(stage) {
    const { cluster, store, ledger, tell } = stage;
    tell('all keys are put');
    await fill(store);
    const before = await throughput(stage, 'before');
    tell('a node is replaced under load');
    const startMs = stage.service.nowMs;
    const answersBefore = stage.service.answers;
    await replaceFirst(cluster, store);
    const tookS = (stage.service.nowMs - startMs) / 1_000;
    const during = (stage.service.answers - answersBefore) / tookS;
    const after = await throughput(stage, 'after');
    await ledger.stop();

    tell('a node is replaced, and nobody asks for anything');
    const quiet = await counting(cluster, () => replaceFirst(cluster, store));
    tell('a node is replaced, and only what does not move is asked for');
    const untouched = await askingUntouched(cluster, store);
    ledger.start();
    return {
      'answers/s before, during and after': [before, during, after].map(Math.round).join(', '),
      'it took under load': `${tookS.toFixed(1)} s`,
      ...bytesOf(quiet.result, quiet.counts),
      ...untouched,
    };
  },
};

async function fill(store: Store): Promise<void> {
  let next = 0;
  const put = async (): Promise<void> => {
    while (next < keys) {
      next += 1;
      await store.put(keyOf(next), value);
    }
  };
  await Promise.all(Array.from({ length: 64 }, put));
}

async function throughput({ service, tell }: Stage, when: string): Promise<number> {
  tell(`${measuredMs / 1_000} s ${when} the change`);
  const answers = service.answers;
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  return (1_000 * (service.answers - answers)) / measuredMs;
}

/** Replaces the first node that was started, and returns how many keys it held. */
async function replaceFirst(cluster: Nodes, store: Store): Promise<number> {
  const old = cluster.at(0);
  const held = keysOf(store, old).held.length;
  await cluster.replace(old);
  await cluster.endsWith(old, 0);
  await cluster.settled(store);
  return held;
}

/** The keys that the node at `place` holds, and those that it does not. */
function keysOf({ view }: Store, place: string): { held: string[]; others: string[] } {
  const held: string[] = [];
  const others: string[] = [];
  for (let index = 1; index <= keys; index += 1) {
    const key = keyOf(index);
    const group = groupOf(view, positionOf(Buffer.from(key)));
    (group.some((member) => member.endsWith(`@${place}`)) ? held : others).push(key);
  }
  return { held, others };
}

function bytesOf(held: number, { bytes }: Counts): Readonly<Record<string, string>> {
  const bound = held * (valueBytes + keyOf(keys).length) + 2 * held * digestBytes;
  return {
    'keys to move': String(held),
    'bytes sent': `${(bytes / 1e6).toFixed(2)} MB`,
    'one copy and digests': `${(bound / 1e6).toFixed(2)} MB: sent ${(bytes / bound).toFixed(2)} of it`,
  };
}

/** Replaces a node while keys are read and written that it does not hold: each in one round, as if nothing were. */
async function askingUntouched(
  cluster: Nodes,
  store: Store,
): Promise<Readonly<Record<string, string>>> {
  const { others } = keysOf(store, cluster.at(0));
  let isOver = false;
  let asked = 0;
  const ask = async (from: number): Promise<void> => {
    for (let index = from; !isOver; index += inFlight) {
      const key = others[index % others.length] ?? '';
      await store.put(key, value);
      await store.get(key);
      asked += 2;
    }
  };
  const { counts } = await counting(cluster, async () => {
    const asking = Promise.all(Array.from({ length: inFlight }, (_, index) => ask(index)));
    await replaceFirst(cluster, store);
    isOver = true;
    await asking;
  });
  const { rounds, takeovers, merges, imposed } = counts;
  return {
    'asked for of slots that do not move': String(asked),
    'rounds for one of these': (rounds / asked).toFixed(4),
    'takeovers, merges and imposed reads': [takeovers, merges, imposed].join(', '),
  };
}

/** What all nodes count while `act` runs; those that begin meanwhile begin at 0. */
async function counting<Result>(
  cluster: Nodes,
  act: () => Promise<Result>,
): Promise<{ result: Result; counts: Counts }> {
  const latest = new Map<string, Counts>();
  const first = new Map<string, Counts>();
  const look = async (): Promise<void> => {
    for (const place of cluster.places) {
      const counts = await countsAt(cluster.metrics.get(place) ?? '').catch(() => undefined);
      if (counts) latest.set(place, counts);
    }
  };
  await look();
  for (const [place, counts] of latest) first.set(place, counts);
  const looking = setInterval(() => void look(), 200);
  const result = await act().finally(() => {
    clearInterval(looking);
  });
  await look();
  const counts = countsOf(() => 0);
  for (const [place, last] of latest) {
    for (const name of names) counts[name] += last[name] - (first.get(place)?.[name] ?? 0);
  }
  return { result, counts };
}

const names = Object.keys(counted) as readonly (keyof Counts)[];

function countsOf(of: (metric: string) => number): Counts {
  return Object.fromEntries(names.map((name) => [name, of(counted[name])])) as Counts;
}

async function countsAt(url: string): Promise<Counts> {
  const text = await (await fetch(url)).text();
  // A glance is a round of the client, and none of a member.
  const lines = text.split('\n').filter((line) => !line.includes('operation="glance"'));
  return countsOf((metric) => {
    const own = lines.filter(
      (line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`),
    );
    return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  });
}

function keyOf(index: number): string {
  return `key/${String(index).padStart(8, '0')}`;
}
