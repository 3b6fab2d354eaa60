import type { Command } from 'commander';
import { relative } from 'node:path';
import { connect, type Store } from '@jbstore/client';
import { readConfiguration } from '@jbstore/node';

import { usage } from './cluster';
import { forEachConcurrently } from './concurrency';
import { NodesLostError } from './errors';
import { counted, rate, seconds, Stopwatch } from './figures';
import { explain } from './help';
import type { Io } from './io';
import { LocalCluster } from './local-cluster';
import { readLockFile, type LockedPackages } from './lock-file';
import { Narration } from './narration';
import { killedExitCode, onStopSignals } from './signals';
import { placeOf } from './status';

const nodes = 5;
const replication = 3;
const inFlight = 64;

interface StartOptions {
  readonly once?: true;
  readonly json?: true;
}

export function addStart(program: Command, io: Io): void {
  const command = program
    .command('start')
    .summary('see a cluster lose a node and no data')
    .description(
      `Starts ${nodes} node processes on free ports, each key on ${replication} of them; stores the version of every package in the nearest package-lock.json; reads all back; kills a node; reads all back again. Then the cluster stays up until Ctrl-C.`,
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
  const names = new Map(cluster.nodes.map(({ name, address }) => [address, name]));
  store.events.subscribe((event) => {
    if (event.type !== 'suspicions') return;
    const suspected = event.suspected.map((address) => names.get(placeOf(address)) ?? address);
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
  return [stored, read, again];
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
