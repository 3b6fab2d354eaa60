import type { Command } from 'commander';

import { type ConnectionOptions, withConnection, withStore } from './connection';
import { keyFields } from './entry';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { checkedKey } from './key';
import { valueOf } from './value';

interface PutOptions extends ConnectionOptions {
  readonly file?: string;
  readonly key64?: true;
}

export function addPut(program: Command, io: Io): void {
  const command = program
    .command('put')
    .summary('store a value under a key')
    .description(
      'Stores VALUE under KEY. Without VALUE, or with -, the value is read from standard input, byte for byte.',
    )
    .argument('<key>', '1 to 1024 bytes')
    .argument('[value]', 'at most 1 MiB; write -- before one that begins with a dash')
    .option('-f, --file <file>', 'take the value from a file, byte for byte')
    .option('--key64', 'KEY is base64, for keys that are no text')
    .action(async (key: string, value: string | undefined, options: PutOptions) => {
      const keyBytes = checkedKey(key, options.key64);
      const valueBytes = await valueOf(value, options.file, io);
      await withStore(options, (store) => store.put(keyBytes, valueBytes));
      if (options.json) await writeJson(io.stdout, { ok: true, ...keyFields(keyBytes) });
      else await write(io.stdout, 'OK\n');
    });
  withConnection(command);
  explain(
    command,
    [
      'jbstore put greeting hello',
      'jbstore put photo --file photo.jpg --connect 127.0.0.1:7100,127.0.0.1:7101',
      'date | jbstore put now',
    ],
    ['unavailable', 'outcomeUnknown'],
  );
}
