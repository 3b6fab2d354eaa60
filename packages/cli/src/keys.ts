import type { Command } from 'commander';

import { wholeNumber } from './arguments';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields } from './entry';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { shownKey } from './key';

interface KeysOptions extends ConnectionOptions {
  readonly limit?: number;
}

export function addKeys(program: Command, io: Io): void {
  const command = program
    .command('keys')
    .summary('list the keys of the store')
    .description(
      'Lists the keys, one a line, in the order of their places on the ring. A key stored before the command began is listed; it is no snapshot. Control characters and bytes that are no text are shown as \\u{…} and \\x…, a backslash as two; --json is exact.',
    )
    .option('-l, --limit <count>', 'no more than this many', wholeNumber(1, 1_000_000_000))
    .action((options: KeysOptions) =>
      withStore(options, async (store) => {
        let left = options.limit ?? Infinity;
        for await (const key of store.keyBytes()) {
          if (options.json) await writeJson(io.stdout, keyFields(key));
          else await write(io.stdout, `${shownKey(key)}\n`);
          left -= 1;
          if (left <= 0) break;
        }
      }),
    );
  withConnection(command);
  explain(command, ['jbstore keys --limit 10', 'jbstore keys --json | wc -l'], ['unavailable']);
}
