import type { Command } from 'commander';
import { relative } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { connect, type Store, type StoreStatus } from '@jbstore/client';
import { readConfiguration } from '@jbstore/node';

import { usage } from './cluster';
import { forEachConcurrently } from './concurrency';
import { NodesLostError } from './errors';
import { counted, percent, rate, seconds, Stopwatch } from './figures';
import { explain } from './help';
import type { Io } from './io';
import { LocalCluster } from './local-cluster';
import type { LocalNode } from './local-node';
import { readLockFile, type LockedPackages } from './lock-file';
import { Narration } from './narration';
import { killedExitCode, onStopSignals } from './signals';
import { placeOf } from './status';

const nodes = 5;
const replication = 3;
const inFlight = 64;

/** How often is looked whether the cluster has mended itself. */
const lookMs = 250;

interface StartOptions {
  readonly once?: true;
  readonly json?: true;
}

export function addStart(program: Command, io: Io): void {
  const command = program
    .command('start')
    .summary('see a cluster lose a node and no data, and mend itself')
    .description(
      `Starts ${nodes} node processes on free ports, each key on ${replication} of them; stores the version of every package in the nearest package-lock.json; reads all back; kills a node; reads all back again; lets a fresh process take its place, and reads all back once more. Then the cluster stays up until Ctrl-C.`,
    )
    .option('--once', 'leave when all is done')
    .option('--json', 'write what happens as JSON, one object a line')
    .action(async (options: StartOptions) => {
      const narration = new Narration(io, options.json === true);
      const locked = await readLockFile(process.cwd());
      const { size } = locked.versions;
      const file = relative(process.cwd(), locked.file);
      narration.tell('read', `${file} lists ${counted(size, 'package')} that have a version`, {
        size,
      });
      await run(locked, narration, options.once === true);
    });
  explain(command, ['jbstore start', 'jbstore start --once'], ['unavailable', 'outcomeUnknown']);
}

async function run(locked: LockedPackages, narration: Narration, once: boolean): Promise<void> {
  const cluster = new LocalCluster(
    readConfiguration({
      code: { nodes, replication, port: 0, logLevel: 'warn', logFormat: 'text' },
    }),
    {
      line: (node, line) => {
        narration.tell('log', `${node}: ${line}`, { node });
      },
      lost: ({ name }, how) => {
        narration.tell('lost', `${name} ${how}, though nobody asked it to`, { node: name });
      },
    },
  );
  const interrupted = new Promise<'interrupted'>((resolve) => {
    onStopSignals(
      () => {
        resolve('interrupted');
      },
      () => {
        cluster.kill();
        process.exit(killedExitCode);
      },
    );
  });
  const shown = show(cluster, locked, narration);
  // After an interruption its nodes are gone under its hands; nobody wants to hear how it fails.
  shown.catch(() => undefined);
  let figures: readonly string[] | undefined;
  try {
    figures = await Promise.race([shown, interrupted.then(() => undefined)]);
    if (!figures) {
      process.exitCode = killedExitCode;
    } else if (!once) {
      for (const line of [...figures, ...usage(cluster)]) narration.print(line);
      narration.print('Ctrl-C stops the nodes.');
      await interrupted;
    }
  } finally {
    await cluster.stop();
    narration.tell('stopped', 'all nodes have stopped', {});
  }
  if (once) for (const line of figures ?? []) narration.print(line);
}

/** @returns how many keys came through, in lines */
async function show(
  cluster: LocalCluster,
  { versions }: LockedPackages,
  narration: Narration,
): Promise<readonly string[]> {
  await cluster.start();
  const places = cluster.nodes.map(
    ({ name, address, pid }) => `${name} ${address ?? ''} (${pid ?? 0})`,
  );
  narration.tell('ready', `${nodes} nodes are ready: ${places.join(', ')}`, {
    nodes: cluster.nodes.map(({ name, address, pid }) => ({ name, address, pid })),
  });

  await using store = await connect(cluster.addresses);
  const nameAt = (address: string): string =>
    cluster.nodes.find((node) => node.address === placeOf(address))?.name ?? address;
  store.events.subscribe((event) => {
    if (event.type !== 'suspicions') return;
    const suspected = event.suspected.map(nameAt);
    narration.tell('suspicions', `suspected now: ${suspected.join(', ') || 'none'}`, { suspected });
  });

  const stored = await timed('stored', versions, narration, (key, value) => store.put(key, value));
  const read = await timed('read back', versions, narration, (key, value) =>
    compare(store, key, value),
  );

  const victim = cluster.nodes[Math.floor(nodes / 2)];
  if (!victim) throw new NodesLostError('there is no node to kill');
  await cluster.crash(victim);
  narration.tell('killed', `${victim.name} was killed by SIGKILL`, { node: victim.name });
  const again = await timed('read back after the kill', versions, narration, (key, value) =>
    compare(store, key, value),
  );
  const mended = await replace(cluster, store, victim, narration);
  const last = await timed('read back from the new node too', versions, narration, (key, value) =>
    compare(store, key, value),
  );
  return [stored, read, again, mended, last];
}

/** A fresh process joins; it gets the place of the one that is gone, as soon as that has been silent for a grace. */
async function replace(
  cluster: LocalCluster,
  store: Store,
  victim: LocalNode,
  narration: Narration,
): Promise<string> {
  const stopwatch = new Stopwatch();
  const gone = victim.address ?? '';
  const fresh = await cluster.grow();
  const { name, address = '' } = fresh;
  narration.tell('joined', `${name} ${address} (${fresh.pid ?? 0}) has joined the cluster`, {
    node: name,
    address,
  });
  const status = await settled(store, gone);
  const taken = status.nodes.find((node) => placeOf(node.address) === address);
  const { number, slotCount } = status.view;
  const share = percent(taken?.slots.holds ?? 0, slotCount);
  const { elapsedMs } = stopwatch;
  const text = `replaced: ${name} holds the ${share} of the ring that ${victim.name} held, and ${counted(taken?.keys ?? 0, 'key')}; view ${number}, after ${seconds(elapsedMs)}`;
  narration.tell('replaced', text, { node: name, view: number, elapsedMs: Math.round(elapsedMs) });
  return text;
}

/** Waits until no slot is on the move, and nobody is a member at `gone`. */
async function settled(store: Store, gone: string): Promise<StoreStatus> {
  for (;;) {
    const status = await store.status();
    const isGone = status.nodes.every(({ address }) => placeOf(address) !== gone);
    if (isGone && status.progress?.unsettled === 0) return status;
    await rest(lookMs);
  }
}

async function timed(
  what: string,
  versions: LockedPackages['versions'],
  narration: Narration,
  operate: (key: string, value: string) => Promise<void>,
): Promise<string> {
  const stopwatch = new Stopwatch();
  const keyOf = ([key]: readonly [string, string]): string => key;
  await forEachConcurrently(versions, inFlight, keyOf, ([key, value]) => operate(key, value));
  const { elapsedMs } = stopwatch;
  const keys = versions.size;
  const equal = what === 'stored' ? '' : ', all equal';
  const text = `${what}: ${counted(keys, 'key')}${equal}, in ${seconds(elapsedMs)} (${rate(keys, elapsedMs)})`;
  narration.tell(what, text, { keys, elapsedMs: Math.round(elapsedMs) });
  return text;
}

async function compare(store: Store, key: string, expected: string): Promise<void> {
  const found = await store.getText(key);
  if (found === expected) return;
  throw new Error(`data was lost: ${key} is ${found ?? 'not there'}, and should be ${expected}`);
}
