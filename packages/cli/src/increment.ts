import type { Command } from 'commander';

import { integer } from './arguments';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields } from './entry';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { checkedKey } from './key';

interface IncrementOptions extends ConnectionOptions {
  readonly by: number;
  readonly key64?: true;
}

export function addIncrement(program: Command, io: Io): void {
  const command = program
    .command('increment')
    .summary('add to the number that is stored under a key')
    .description(
      'Adds to the whole number that is stored under KEY in decimal digits, or to 0 if nothing is, and prints the sum.',
    )
    .argument('<key>', '1 to 1024 bytes')
    .option('-b, --by <number>', 'how much; less than 0 to subtract', integer, 1)
    .option('--key64', 'KEY is base64, for keys that are no text')
    .action(async (typed: string, options: IncrementOptions) => {
      const key = checkedKey(typed, options.key64);
      const value = await withStore(options, (store) => store.increment(key, options.by));
      if (options.json) await writeJson(io.stdout, { ...keyFields(key), value });
      else await write(io.stdout, `${value}\n`);
    });
  withConnection(command);
  explain(
    command,
    ['jbstore increment visits', 'jbstore increment stock --by -3'],
    ['unavailable', 'outcomeUnknown'],
  );
}
