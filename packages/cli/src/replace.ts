import type { Command } from 'commander';

import { endpoint } from './arguments';
import { carryOut, withWaiting, type ChangeOptions } from './change';
import { withConnection } from './connection';
import { explain } from './help';
import type { Io } from './io';

interface ReplaceOptions extends ChangeOptions {
  readonly by: string;
}

export function addReplace(program: Command, io: Io): void {
  const command = program
    .command('replace')
    .summary('let one node take the place of another')
    .description(
      'Has the node that listens at --by inherit the part of the ring that the node at HOST:PORT has, which then ends. Start the new one by `jbstore join`, before this command or while it waits. Nothing else is moved. A node that has crashed needs no such command: whoever joins next takes its place.',
    )
    .argument('<host:port>', 'where the node listens that is to go', endpoint)
    .requiredOption('--by <host:port>', 'where the node listens that is to come', endpoint)
    .action((node: string, { by, ...options }: ReplaceOptions) =>
      carryOut({ kind: 'replace', endpoint: node, by }, options, io),
    );
  withWaiting(withConnection(command));
  explain(command, ['jbstore replace 127.0.0.1:7101 --by 127.0.0.1:7105'], ['unavailable']);
}
