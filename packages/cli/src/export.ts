import type { Command } from 'commander';
import type { Store } from '@jbstore/client';

import { wholeNumber } from './arguments';
import { mapConcurrently } from './concurrency';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { type Format, formatHelp, formatOf, formatOption } from './format';
import { explain } from './help';
import { intoFile } from './into-file';
import { type Io, type Output, write, writeJson } from './io';
import { Progress } from './progress';

interface ExportOptions extends ConnectionOptions {
  readonly format?: 'jsonl' | 'csv';
  readonly inFlight: number;
}

export function addExport(program: Command, io: Io): void {
  const command = program
    .command('export')
    .summary('write all entries to a file')
    .description(
      'Writes every key with its value to FILE, or to standard output (no FILE, or -). It is no snapshot: each value is one that the key had while the command ran. FILE appears when it is complete.',
    )
    .argument('[file]', 'JSON lines or CSV; - for standard output')
    .addOption(formatOption())
    .option('--in-flight <count>', 'requests at a time', wholeNumber(1, 10_000), 64)
    .addHelpText('after', formatHelp)
    .action(async (named: string | undefined, options: ExportOptions) => {
      const file = named === '-' ? undefined : named;
      const format = formatOf(options.format, file);
      await withStore(options, async (store) => {
        const progress = new Progress(io.stderr, 'exported');
        try {
          const copy = (output: Output): Promise<void> =>
            writeEntries(store, format, options.inFlight, output, progress);
          await (file === undefined ? copy(io.stdout) : intoFile(file, copy));
        } finally {
          progress.stop();
        }
        // Standard output may be full of entries; then the report goes where progress went.
        const output = file === undefined ? io.stderr : io.stdout;
        const { done: exported, elapsedMs } = progress;
        if (!options.json) await write(output, `${progress.summary}\n`);
        else await writeJson(output, { exported, elapsedMs: Math.round(elapsedMs) });
      });
    });
  withConnection(command);
  explain(
    command,
    ['jbstore export entries.jsonl', 'jbstore export --format csv | head'],
    ['unavailable'],
  );
}

async function writeEntries(
  store: Store,
  format: Format,
  inFlight: number,
  output: Output,
  progress: Progress,
): Promise<void> {
  if (format.header !== '') await write(output, format.header);
  const entries = mapConcurrently(store.keyBytes(), inFlight, async (key) => ({
    key,
    value: await store.get(key),
  }));
  for await (const { key, value } of entries) {
    // A put that was under way when its key was listed may have left no value.
    if (value === undefined) continue;
    await write(output, format.line({ key, value }));
    progress.advance();
  }
}
