import type { NodeStatus, StoreStatus } from '@jbstore/client';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { createColors } from 'picocolors';

import { type ConnectionOptions, withConnection, withStore } from './connection';
import { grouped, percent } from './figures';
import { explain } from './help';
import { type Io, write, writeJson } from './io';

export function addStatus(program: Command, io: Io): void {
  const command = program
    .command('status')
    .summary('show the nodes, their shares of the ring, suspicions and keys')
    .description(
      'Shows the nodes of the cluster: of how much of the ring each leads and holds the keys, whether others suspect it, whether it answers this command, and of how many keys it holds a copy.',
    )
    .action((options: ConnectionOptions) =>
      withStore(options, async (store) => {
        const status = await store.status({ timeoutMs: Math.min(options.timeout, 1_000) });
        if (options.json) await writeJson(io.stdout, summary(status));
        else await write(io.stdout, shown(status, io.stdout.isTTY === true));
      }),
    );
  withConnection(command);
  explain(command, ['jbstore status', 'jbstore status --json'], ['unavailable']);
}

/** `host:port` of an address, which begins with the id of the process. */
export function placeOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}

/** One object for programs. */
function summary({ view, nodes }: StoreStatus): object {
  const { clusterId, replication, register, era, number, slotCount } = view;
  return {
    clusterId,
    era,
    view: number,
    replication,
    register,
    slots: slotCount,
    nodes: nodes.map(({ address, ...node }) => ({
      id: address.slice(0, address.indexOf('@')),
      address: placeOf(address),
      ...node,
    })),
  };
}

function shown({ view, nodes }: StoreStatus, coloured: boolean): string {
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
  const { clusterId, number, replication, register } = view;
  const title = `cluster ${clusterId}, view ${number}: ${nodes.length} nodes, each key on ${replication} of them, ${register} registers`;
  const suspected = nodes.filter((node) => node.suspected).map(({ address }) => placeOf(address));
  const suspicions = suspected.length === 0 ? 'none' : suspected.join(', ');
  return `${title}\n${table.toString()}\nsuspected: ${suspicions}\n`;
}
