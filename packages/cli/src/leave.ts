import type { Command } from 'commander';

import { endpoint } from './arguments';
import { carryOut, withWaiting, type ChangeOptions } from './change';
import { withConnection } from './connection';
import { explain } from './help';
import type { Io } from './io';

export function addLeave(program: Command, io: Io): void {
  const command = program
    .command('leave')
    .summary('let a node give away what it holds, and end')
    .description(
      'Has the node at HOST:PORT leave the cluster. What it holds is brought to other nodes first, while all keys are served; then it ends. The cluster must have more nodes than hold each key, or the node must be replaced.',
    )
    .argument('<host:port>', 'where the node listens', endpoint)
    .action((node: string, options: ChangeOptions) =>
      carryOut({ kind: 'leave', endpoint: node }, options, io),
    );
  withWaiting(withConnection(command));
  explain(
    command,
    ['jbstore leave 127.0.0.1:7104', 'jbstore leave 127.0.0.1:7104 --connect 10.0.0.1:7100'],
    ['unavailable'],
  );
}
