import { Option } from 'commander';
import { extname } from 'node:path';

import { csvHeader, csvLine, readCsv } from './csv';
import type { Entry } from './entry';
import { UsageError } from './errors';
import { jsonLine, readJsonLines } from './json-lines';

/** How entries are written as text, and read again. */
export interface Format {
  readonly header: string;
  line(entry: Entry): string;
  read(input: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<Entry, void, undefined>;
}

type FormatName = 'jsonl' | 'csv';

const formats: Readonly<Record<FormatName, Format>> = {
  jsonl: { header: '', line: jsonLine, read: readJsonLines },
  csv: { header: csvHeader, line: csvLine, read: readCsv },
};

const extensions: Readonly<Record<string, FormatName>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.csv': 'csv',
};

/** What the help of import and export says of the formats. */
export const formatHelp = `
Formats:
  jsonl  one JSON object a line: {"key": "greeting", "value": "hello"}
  csv    a first line that names the columns: key,value
Keys and values that are no UTF-8 text are written in base64, as key64 and value64.`;

export function formatOption(): Option {
  return new Option(
    '-F, --format <format>',
    'default: by the extension of FILE; jsonl without FILE',
  ).choices(Object.keys(formats));
}

/**
 * The format asked for, or that of a file's name.
 * @param file - undefined for standard input or output
 * @throws {@link UsageError}
 */
export function formatOf(asked: FormatName | undefined, file: string | undefined): Format {
  const name = asked ?? (file === undefined ? 'jsonl' : extensions[extname(file).toLowerCase()]);
  if (name !== undefined) return formats[name];
  throw new UsageError(
    `the name of ${String(file)} does not tell its format: add --format jsonl or --format csv`,
  );
}
