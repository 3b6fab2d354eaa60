import type { Command } from 'commander';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { wholeNumber } from './arguments';
import { forEachConcurrently } from './concurrency';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { base64Of, type Entry } from './entry';
import { counted } from './figures';
import { formatHelp, formatOf, formatOption } from './format';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { Progress } from './progress';

interface ImportOptions extends ConnectionOptions {
  readonly format?: 'jsonl' | 'csv';
  readonly inFlight: number;
}

export function addImport(program: Command, io: Io): void {
  const command = program
    .command('import')
    .summary('store the entries of a file')
    .description(
      'Stores every entry of FILE, or of standard input (-). A file is read through first: if a line is malformed, nothing is stored. Standard input is stored as it comes, up to a malformed line. An import may be repeated.',
    )
    .argument('<file>', 'JSON lines or CSV; - for standard input')
    .addOption(formatOption())
    .option('--in-flight <count>', 'requests at a time', wholeNumber(1, 10_000), 64)
    .addHelpText('after', formatHelp)
    .action(async (file: string, options: ImportOptions) => {
      const { open, again } = await sourceOf(file, options, io);
      const total = again ? await countOf(open()) : undefined;
      await withStore(options, async (store) => {
        const progress = new Progress(io.stderr, 'imported', total);
        const put = async ({ key, value }: Entry): Promise<void> => {
          await store.put(key, value);
          progress.advance();
        };
        try {
          await forEachConcurrently(open(), options.inFlight, ({ key }) => base64Of(key), put);
        } catch (error) {
          progress.stop();
          await write(io.stderr, `stored ${counted(progress.done, 'entry')} before this:\n`);
          throw error;
        } finally {
          progress.stop();
        }
        await report(progress, options, io);
      });
    });
  withConnection(command);
  explain(
    command,
    ['jbstore import entries.csv', 'jbstore export | jbstore import - --connect 127.0.0.1:7200'],
    ['unavailable', 'outcomeUnknown'],
  );
}

type Open = () => AsyncGenerator<Entry, void, undefined>;

interface Source {
  readonly open: Open;
  /** It can be opened more than once. */
  readonly again: boolean;
}

async function sourceOf(file: string, options: ImportOptions, io: Io): Promise<Source> {
  if (file === '-') {
    const format = formatOf(options.format, undefined);
    const once: Open = () => format.read(io.stdin, 'standard input');
    return { open: once, again: false };
  }
  const format = formatOf(options.format, file);
  const again = (await stat(file)).isFile();
  const open: Open = () => format.read(createReadStream(file), file);
  return { open, again };
}

async function countOf(entries: AsyncIterable<Entry>): Promise<number> {
  let count = 0;
  const iterator = entries[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) count += 1;
  return count;
}

async function report(progress: Progress, options: ImportOptions, io: Io): Promise<void> {
  const { done: imported, elapsedMs } = progress;
  if (options.json) await writeJson(io.stdout, { imported, elapsedMs: Math.round(elapsedMs) });
  else await write(io.stdout, `${progress.summary}\n`);
}
