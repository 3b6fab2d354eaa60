import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { connect, type Store } from '@jbstore/client';

import { closedLoop } from './closed-loop';
import { rowOf, type Effort, type Progress, type Row, type Suite } from './harness';
import type { NodeFigures, NodeReport } from './jbstore-node';
import { reported } from './reported';
import { us } from './selection';
import { Servers } from './servers';
import { Workload } from './workload';

const keyBytes = 16;
const valueBytes = 100;
const inFlight = 64;
/** What a node learns and compiles for these is not what keys take. */
const firstKeys = 500;

const settings = {
  host: '127.0.0.1',
  port: 0,
  logLevel: 'warn',
  nodes: 1,
  replication: 1,
} as const;
const timeoutMs = 60_000;

/** What is told of a node that holds so many keys. */
const told = {
  bytes: ['bytes per key, beyond key and value', 'bytes'],
  delay: ['longest delay of the event loop, filling and serving', 'ms'],
  rate: ['half put half get, C=64', 'requests/s'],
} as const;

/** One node, by how many keys it holds. */
export const keys: Suite = {
  name: 'keys',
  about:
    'one node that holds 10^4 to 10^7 keys (--quick: 10^5): bytes per key, delays, requests a second',
  subjects: [us],
  run: async (effort, progress) => {
    const sizes = effort.quick ? [1e4, 1e5] : [1e4, 1e5, 1e6, 1e7];
    const rows: Row[] = [];
    for (const size of sizes) rows.push(...(await rowsOf(size, effort, progress)));
    return { rows, skipped: [] };
  },
};

async function rowsOf(size: number, effort: Effort, progress: Progress): Promise<readonly Row[]> {
  const nameOf = (what: keyof typeof told): string => `${told[what][0]}, ${size} keys`;
  const asked = (Object.keys(told) as (keyof typeof told)[]).filter((what) =>
    effort.selection.hasScenario(nameOf(what)),
  );
  if (asked.length === 0) return [];
  progress(`a node with ${size} keys`, `a node is filled with ${size} keys`);
  await using servers = new Servers();
  const child = servers.fork('jbstore-node.ts', [JSON.stringify(settings)], ['--expose-gc']);
  const { address } = await reported<NodeReport, 'listening'>(child, 'listening');
  await using store = await connect(address, { timeoutMs });
  const measured = await measure(child, store, size, effort);
  return asked.map((what) => {
    const [, unit] = told[what];
    const parameters = { keys: size, keyBytes, valueBytes, nodes: 1 };
    return rowOf({ scenario: nameOf(what), subject: us, unit, parameters }, measured[what]);
  });
}

async function measure(
  child: ChildProcess,
  store: Store,
  size: number,
  { quick, runs }: Effort,
): Promise<Readonly<Record<keyof typeof told, readonly number[]>>> {
  const client = {
    put: (key: string, value: Uint8Array) => store.put(key, value),
    get: (key: string) => store.get(key),
  };
  const workload = new Workload({ keys: size, keyBytes, valueBytes });
  await workload.hold(client, firstKeys);
  const empty = await figuresOf(child);
  await workload.hold(client, size);
  const full = await figuresOf(child);
  const rate: number[] = [];
  const delay = [full.longestDelayMs];
  for (let run = 0; run < runs; run += 1) {
    const milliseconds = quick ? 250 : 3_000;
    const generation = run % 2 === 0 ? 1 : 0;
    const load = { inFlight, milliseconds, generation } as const;
    const { operations, elapsedMs } = await closedLoop(client, workload, load);
    rate.push((1_000 * operations) / elapsedMs);
    delay.push((await figuresOf(child)).longestDelayMs);
  }
  const grown = (full.residentBytes - empty.residentBytes) / (size - firstKeys);
  const perKey = grown - keyBytes - valueBytes;
  return { bytes: [perKey], delay: [Math.max(...delay)], rate };
}

/** Of a node, since it was asked before. */
async function figuresOf(child: ChildProcess): Promise<NodeFigures> {
  const answer = once(child, 'message') as Promise<[NodeFigures]>;
  child.send('figures');
  const [figures] = await answer;
  return figures;
}
