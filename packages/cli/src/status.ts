import { setTimeout as rest } from 'node:timers/promises';

import type { NodeStatus, Store, StoreStatus } from '@jbstore/client';
import { epochOf } from '@jbstore/gms/port';
import Table from 'cli-table3';
import { Option, type Command } from 'commander';
import { createColors } from 'picocolors';

import { duration } from './arguments';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { counted, grouped, percent } from './figures';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { killedExitCode, onStopSignals } from './signals';

interface StatusOptions extends ConnectionOptions {
  readonly watch?: true;
  readonly every: number;
}

export function addStatus(program: Command, io: Io): void {
  const command = program
    .command('status')
    .summary('show the nodes, their shares of the ring, suspicions and keys')
    .description(
      'Shows the nodes of the cluster: of how much of the ring each leads and holds the keys, whether others suspect it, whether it answers this command, and of how many keys it holds a copy; the era, if `jbstore force` has begun one; who leads the cluster, and how many slots are on the move to other nodes. With --watch it shows that again and again, until SIGINT.',
    )
    .option('-w, --watch', 'show it again and again')
    .addOption(
      new Option('--every <time>', 'with --watch: how often')
        .argParser(duration)
        .default(1_000, '1s'),
    )
    .action((options: StatusOptions) =>
      withStore(options, async (store) => {
        if (options.watch) await watch(store, options, io);
        else await show(store, options, io);
      }),
    );
  withConnection(command);
  explain(
    command,
    ['jbstore status', 'jbstore status --watch', 'jbstore status --json'],
    ['unavailable'],
  );
}

async function show(store: Store, options: StatusOptions, io: Io): Promise<void> {
  const status = await store.status({ timeoutMs: Math.min(options.timeout, 1_000) });
  if (options.json) await writeJson(io.stdout, summary(status));
  else await write(io.stdout, shown(status, io.stdout.isTTY === true));
}

/** Until a signal: on a terminal in place, else one after the other. */
async function watch(store: Store, options: StatusOptions, io: Io): Promise<void> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  onStopSignals(end, () => process.exit(killedExitCode));
  while (!ended.signal.aborted) {
    if (io.stdout.isTTY && !options.json) await write(io.stdout, clearScreen);
    await show(store, options, io);
    await rest(options.every, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}

/** Of a terminal: everything away, and to the upper left corner. */
const clearScreen = '\u001b[2J\u001b[H';

/** `host:port` of an address, which begins with the id of the process. */
export function placeOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}

/** One object for programs. */
function summary({ view, nodes, progress }: StoreStatus): object {
  const { clusterId, replication, register, era, number, slotCount } = view;
  return {
    clusterId,
    era,
    view: number,
    replication,
    register,
    slots: slotCount,
    epoch: epochOf(view),
    leader: progress && placeOf(progress.leader),
    unsettled: progress?.unsettled,
    nodes: nodes.map(({ address, ...node }) => ({
      id: address.slice(0, address.indexOf('@')),
      address: placeOf(address),
      ...node,
    })),
  };
}

function shown({ view, nodes, progress }: StoreStatus, coloured: boolean): string {
  const colours = createColors(coloured);
  const stateOf = ({ state, suspected, reachable }: NodeStatus): string => {
    if (state !== 'active') return colours.yellow(state);
    if (reachable) return suspected ? colours.yellow('suspected') : colours.green('up');
    return suspected ? colours.red('suspected, silent') : colours.yellow('silent');
  };
  const table = new Table({
    head: ['node', 'state', 'leads', 'holds', 'copies of keys', 'bytes'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: coloured ? ['bold'] : [], border: coloured ? ['gray'] : [] },
  });
  for (const node of nodes) {
    const { address, slots, keys, bytes } = node;
    const shares = [slots.leads, slots.holds].map((part) => percent(part, view.slotCount));
    const copies = [keys, bytes].map((n) => (n === undefined ? '?' : grouped(n)));
    table.push([placeOf(address), stateOf(node), ...shares, ...copies]);
  }
  const { clusterId, era, number, replication, register } = view;
  const present = era === 0 ? `view ${number}` : `view ${number} of era ${era}`;
  const title = `cluster ${clusterId}, ${present}: ${nodes.length} nodes, each key on ${replication} of them, ${register} registers`;
  const suspected = nodes.filter((node) => node.suspected).map(({ address }) => placeOf(address));
  const suspicions = suspected.length === 0 ? 'none' : suspected.join(', ');
  const leader = progress ? placeOf(progress.leader) : 'nobody who answers';
  const moving = progress ? `; ${counted(progress.unsettled, 'slot')} on the move` : '';
  const lines = [title, table.toString(), `suspected: ${suspicions}`, `leader: ${leader}${moving}`];
  return `${lines.join('\n')}\n`;
}
