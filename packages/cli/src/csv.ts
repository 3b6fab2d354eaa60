import { CsvError, parse } from 'csv-parse';
import { stringify } from 'csv-stringify/sync';
import { Readable } from 'node:stream';

import { type Entry, entryOf, keyFields, type TextEntry, textOf, valueFields } from './entry';
import { MalformedInputError } from './errors';
import { isFieldName } from './json-lines';

const columns = ['key', 'value', 'key64', 'value64'] as const;

/** The first line of every CSV that {@link csvLine} writes the others of. */
export const csvHeader = `${columns.join(',')}\n`;

/** A row of {@link csvHeader}; bytes that are no text stand in base64 in the columns for that. */
export function csvLine({ key, value }: Entry): string {
  const fields = { ...keyFields(key), ...valueFields(value) };
  // Every field in quotes: a lone carriage return at the end of one would else be read as a line's end.
  return stringify([columns.map((column) => fields[column] ?? '')], { quoted: true });
}

/**
 * The entries of a CSV whose first line names its columns: `key` or `key64` or both, and `value` or
 * `value64` or both. Where both are there, each row fills one; two empty ones are an empty value.
 * @param source - what to call the input in errors
 * @throws {@link MalformedInputError}
 */
export async function* readCsv(
  input: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Entry, void, undefined> {
  // Fields stay bytes here: as text, a byte that is no UTF-8 would become a replacement character.
  const parser = parse({ ...dialect, encoding: null });
  const chunks = Readable.from(withoutMark(input), { objectMode: false });
  chunks.on('error', (error) => parser.destroy(error)).pipe(parser);
  let header: Header | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<Row>) {
      const fields = record.map(textOf);
      if (!everyText(fields)) throw new MalformedInputError(source, info.lines, noText);
      if (header) yield entryOfRow(header, fields, source, info.lines);
      else header = checkedHeader(fields, source, info.lines);
    }
  } catch (error) {
    throw error instanceof CsvError ? inOurWords(error, source) : error;
  }
  if (!header) throw new MalformedInputError(source, 1, 'the header is missing: write key,value');
}

const dialect = {
  info: true,
  skip_empty_lines: true,
  max_record_size: 16 * 1024 * 1024,
};

/** The parser's own `bom` option goes back to text where it meets a byte order mark. */
async function* withoutMark(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let beginning: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of input) {
    if (beginning) beginning = Buffer.concat([beginning, chunk]);
    if (beginning && beginning.length < mark.length) continue;
    yield beginning ? afterMark(beginning) : chunk;
    beginning = undefined;
  }
  if (beginning) yield afterMark(beginning);
}

const mark = Buffer.from('\uFEFF');

function afterMark(bytes: Uint8Array): Uint8Array {
  return mark.equals(bytes.subarray(0, mark.length)) ? bytes.subarray(mark.length) : bytes;
}

const noText = 'this is no UTF-8 text: write other bytes in base64, as key64 or value64';

function everyText(fields: readonly (string | undefined)[]): fields is readonly string[] {
  return !fields.includes(undefined);
}

interface Row {
  readonly record: readonly Uint8Array[];
  readonly info: { readonly lines: number };
}

type Header = readonly (typeof columns)[number][];

function checkedHeader(names: readonly string[], source: string, line: number): Header {
  const header = names.filter(isFieldName);
  const stranger = names.find((name) => !isFieldName(name));
  if (stranger !== undefined) {
    const reason = `${JSON.stringify(stranger)} is no column: the first line names the columns, of key, key64, value, value64`;
    throw new MalformedInputError(source, line, reason);
  }
  if (new Set(header).size < header.length) {
    throw new MalformedInputError(source, line, 'a column is there twice');
  }
  for (const name of ['key', 'value'] as const) {
    if (header.includes(name) || header.includes(`${name}64`)) continue;
    throw new MalformedInputError(source, line, `there is no column ${name} or ${name}64`);
  }
  return header;
}

function entryOfRow(header: Header, row: readonly string[], source: string, line: number): Entry {
  const cells = new Map(header.map((name, index) => [name, row[index] ?? '']));
  const fields = { ...chosen('key', cells), ...chosen('value', cells) };
  const entry = entryOf(fields);
  if (typeof entry === 'string') throw new MalformedInputError(source, line, entry);
  return entry;
}

/** An empty cell says nothing where its twin could speak as well. */
function chosen(name: 'key' | 'value', cells: ReadonlyMap<string, string>): TextEntry {
  const text = cells.get(name);
  const base64 = cells.get(`${name}64`);
  const speaks = (cell: string | undefined, twin: string | undefined): boolean =>
    cell !== undefined && (cell !== '' || twin === undefined);
  if (base64 === '' && text === '') return { [name]: '' };
  return {
    ...(speaks(text, base64) && { [name]: text }),
    ...(speaks(base64, text) && { [`${name}64`]: base64 }),
  };
}

function inOurWords(error: CsvError, source: string): MalformedInputError {
  const line = typeof error['lines'] === 'number' ? error['lines'] : 0;
  return new MalformedInputError(source, line, error.message);
}
