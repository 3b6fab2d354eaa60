import { type Entry, entryOf, keyFields, type TextEntry, textOf, valueFields } from './entry';
import { MalformedInputError } from './errors';

/** Longer than any line with an entry: a value may grow sixfold when it is escaped. */
const longestLineBytes = 16 * 1024 * 1024;

const newline = 0x0a;

/** One object a line: `{"key": "greeting", "value": "hello"}`, or `key64` and `value64` in base64. */
export function jsonLine({ key, value }: Entry): string {
  return `${JSON.stringify({ ...keyFields(key), ...valueFields(value) })}\n`;
}

/**
 * The entries of JSON lines; empty lines are skipped.
 * @param source - what to call the input in errors
 * @throws {@link MalformedInputError}
 */
export async function* readJsonLines(
  input: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Entry, void, undefined> {
  let line = 0;
  for await (const bytes of linesOf(input, source)) {
    line += 1;
    let text = textOf(bytes);
    if (text === undefined) throw new MalformedInputError(source, line, 'this is no UTF-8 text');
    if (line === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    if (text.trim() === '') continue;
    const entry = parsed(text);
    if (typeof entry === 'string') throw new MalformedInputError(source, line, entry);
    yield entry;
  }
}

function parsed(text: string): Entry | string {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch (error) {
    return `this is no JSON (${error instanceof Error ? error.message : String(error)})`;
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    return 'this is no JSON object: write {"key": "…", "value": "…"}';
  }
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(object)) {
    if (!isFieldName(name)) {
      return `${JSON.stringify(name)} is no field: the fields are key or key64, and value or value64`;
    }
    if (typeof value !== 'string') return `${name} is no string`;
    fields[name] = value;
  }
  return entryOf(fields);
}

export function isFieldName(name: string): name is keyof TextEntry {
  return name === 'key' || name === 'key64' || name === 'value' || name === 'value64';
}

/** Not `node:readline`, which also ends a line at U+2028, where JSON goes on. */
async function* linesOf(
  input: AsyncIterable<Uint8Array>,
  source: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = [];
  let pendingBytes = 0;
  let lines = 0;
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pieces.push(chunk.subarray(start, end));
      yield pieces.length === 1 ? chunk.subarray(start, end) : Buffer.concat(pieces);
      lines += 1;
      pieces = [];
      pendingBytes = 0;
      start = end + 1;
    }
    pieces.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > longestLineBytes) {
      const reason = `the line has more than ${longestLineBytes} bytes, so it holds no entry`;
      throw new MalformedInputError(source, lines + 1, reason);
    }
  }
  if (pendingBytes > 0) yield Buffer.concat(pieces);
}
