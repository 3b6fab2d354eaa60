import { connect, type Store } from '@jbstore/client';
import { Option, type Command } from 'commander';

import { duration, endpoint } from './arguments';
import { explain } from './help';
import type { Io } from './io';
import { serve, type NodeOptions } from './node';
import { withNodeFlags } from './node-flags';

interface JoinOptions extends NodeOptions {
  readonly clusterId?: string;
  readonly timeout: number;
}

export function addJoin(program: Command, io: Io): void {
  const command = program
    .command('join')
    .summary('run a new node of a cluster that is running')
    .description(
      'Runs a node that becomes a member of the cluster of which one node listens at HOST:PORT, and gets its part of the ring; or that of a node which has crashed. What all nodes have in common it learns from there. Ends as `jbstore node` does, and when it is asked to leave.',
    )
    .argument('<host:port>', 'where some node of the cluster listens', endpoint)
    .addOption(
      new Option('--timeout <time>', 'how long to wait for the answer of that node')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .action(async (contact: string, { timeout, ...options }: JoinOptions) => {
      const { clusterId, replication, register, members } = await viewAt(contact, options, timeout);
      const nodes = String(Math.max(members.length, replication));
      const common = { clusterId, nodes, replication: String(replication), register };
      await serve({ ...options, ...common, join: contact }, io);
    });
  withNodeFlags(command, ['join', 'nodes', 'replication', 'register', 'bootTimeoutMs']);
  explain(
    command,
    ['jbstore join 127.0.0.1:7100 --port 7105', 'jbstore join 10.0.0.1:7100 --host 10.0.0.6'],
    ['unavailable'],
  );
}

/** @throws {@link CannotConnectError} */
async function viewAt(
  contact: string,
  { clusterId }: Pick<JoinOptions, 'clusterId'>,
  timeoutMs: number,
): Promise<Store['view']> {
  await using store = await connect(contact, {
    timeoutMs,
    ...(clusterId !== undefined && { clusterId }),
  });
  return store.view;
}
