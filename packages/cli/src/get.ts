import type { Command } from 'commander';

import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields, valueFields } from './entry';
import { NotFoundError } from './errors';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { checkedKey, shownKey } from './key';

interface GetOptions extends ConnectionOptions {
  readonly key64?: true;
  /** Undefined: only on a terminal. */
  readonly newline?: boolean;
  readonly withVersion?: true;
}

export function addGet(program: Command, io: Io): void {
  const command = program
    .command('get')
    .summary('print the value of a key')
    .description(
      'Prints the value of KEY to standard output, byte for byte. On a terminal a line end follows, so that the prompt stands on a line of its own; into a pipe or a file nothing is added.',
    )
    .argument('<key>', '1 to 1024 bytes')
    .option('--key64', 'KEY is base64, for keys that are no text')
    .option(
      '--with-version',
      'print the version of the value before it, on a line of its own; it rises with each change',
    )
    .option('-n, --newline', 'end with a line end, wherever it goes')
    .option('--no-newline', 'add nothing, even on a terminal')
    .action(async (typed: string, options: GetOptions) => {
      const key = checkedKey(typed, options.key64);
      const found = await withStore(options, async (store) => {
        if (options.withVersion) return await store.getWithVersion(key);
        const value = await store.get(key);
        return value && { value, version: undefined, era: undefined };
      });
      if (found === undefined) throw new NotFoundError(shownKey(key));
      const { value, version, era } = found;
      if (options.json) {
        await writeJson(io.stdout, { ...keyFields(key), ...valueFields(value), version, era });
        return;
      }
      if (version !== undefined) await write(io.stdout, `${version}\n`);
      await write(io.stdout, value);
      if (options.newline ?? io.stdout.isTTY === true) await write(io.stdout, '\n');
    });
  withConnection(command);
  explain(
    command,
    [
      'jbstore get greeting',
      'jbstore get photo --connect 127.0.0.1:7101 > photo.jpg',
      'jbstore get greeting --with-version',
    ],
    ['notFound', 'unavailable'],
  );
}
