import type { Command } from 'commander';

import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields } from './entry';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { checkedKey } from './key';

interface DeleteOptions extends ConnectionOptions {
  readonly key64?: true;
}

export function addDelete(program: Command, io: Io): void {
  const command = program
    .command('delete')
    .summary('remove a key')
    .description('Removes KEY and its value. It is no mistake if there is none.')
    .argument('<key>', '1 to 1024 bytes')
    .option('--key64', 'KEY is base64, for keys that are no text')
    .action(async (typed: string, options: DeleteOptions) => {
      const key = checkedKey(typed, options.key64);
      await withStore(options, (store) => store.delete(key));
      if (options.json) await writeJson(io.stdout, { ok: true, ...keyFields(key) });
      else await write(io.stdout, 'OK\n');
    });
  withConnection(command);
  explain(command, ['jbstore delete greeting'], ['unavailable', 'outcomeUnknown']);
}
