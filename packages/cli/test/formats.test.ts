import fc from 'fast-check';

import { csvHeader, csvLine, readCsv } from '../src/csv';
import { type Entry, base64Of, keyFields } from '../src/entry';
import { MalformedInputError } from '../src/errors';
import { jsonLine, readJsonLines } from '../src/json-lines';

type Read = typeof readCsv;

const formats = [
  { name: 'JSON lines', read: readJsonLines, header: '', line: jsonLine },
  { name: 'CSV', read: readCsv, header: csvHeader, line: csvLine },
] as const;

/** Bytes of all kinds; many that a text format would change, if it were careless. */
const anyBytes = (minLength: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ minLength, maxLength: 40 }),
    fc.string({ minLength, maxLength: 20, unit: 'binary' }).map((text) => Buffer.from(text)),
    fc
      .array(fc.constantFrom('\r', '\n', '"', ',', ' ', '\u2028', '\uFEFF', '\0', 'é', '\\', '='), {
        minLength,
        maxLength: 8,
      })
      .map((characters) => Buffer.from(characters.join(''))),
  );

const anyEntry = fc.record({ key: anyBytes(1), value: anyBytes(0) });

async function* inChunks(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  await Promise.resolve();
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function all(entries: AsyncIterable<Entry>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key, value } of entries) found.push(`${base64Of(key)}=${base64Of(value)}`);
  return found;
}

async function complaint(read: Read, text: string | Uint8Array): Promise<string> {
  try {
    await all(read(inChunks(text, 10_000), 'input'));
  } catch (error) {
    if (error instanceof MalformedInputError) return error.message;
    throw error;
  }
  return 'no complaint';
}

describe.each(formats)('$name', ({ read, header, line }) => {
  test('round trip: entries of any bytes come back as they were, however the input is cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(anyEntry),
        fc.integer({ min: 1, max: 64 }),
        async (entries, size) => {
          const text = header + entries.map(line).join('');

          const found = await all(read(inChunks(text, size), 'input'));

          expect(found).toEqual(
            entries.map(({ key, value }) => `${base64Of(key)}=${base64Of(value)}`),
          );
        },
      ),
    ));

  test('the largest key and value pass, one byte more does not', async () => {
    const key = Buffer.alloc(1024, 'k');
    const value = Buffer.alloc(1024 * 1024, 0);

    const text = header + line({ key, value });

    expect(await all(read(inChunks(text, 65_536), 'input'))).toHaveLength(1);
    const longKey = { key: Buffer.alloc(1025, 'k'), value };
    expect(await complaint(read, header + line(longKey))).toMatch(/the key has 1025 bytes/);
    const longValue = { key, value: Buffer.alloc(value.length + 1, 'v') };
    expect(await complaint(read, header + line(longValue))).toMatch(/the value has 1048577 bytes/);
  });

  test('text stays readable, other bytes are base64', () => {
    expect(line({ key: Buffer.from('ключ'), value: Buffer.from('a "b"') })).toContain('ключ');
    expect(line({ key: Buffer.from([0xff]), value: Buffer.from('v') })).toContain('/w==');
    expect(keyFields(Buffer.from([0xff]))).toEqual({ key64: '/w==' });
  });

  test('bytes that are no UTF-8 text are refused with their line', async () => {
    const good = Buffer.from(line({ key: Buffer.from('a'), value: Buffer.from('b') }));
    const bad = good.map((byte) => (byte === 0x62 ? 0xff : byte));
    const text = Buffer.concat([Buffer.from(header), good, bad, good]);

    const expected = header === '' ? 'input, line 2: ' : 'input, line 3: ';

    expect(await complaint(read, text)).toContain(`${expected}this is no UTF-8 text`);
  });
});

test.each([
  ['{"key":"a","value":"b"}\n{"key":"a"\n', 'line 2: this is no JSON'],
  ['\n\n["a","b"]', 'line 3: this is no JSON object'],
  ['{"key":"a","value":5}', 'line 1: value is no string'],
  ['{"key":"a"}', 'line 1: value is missing'],
  ['{"value":"a"}', 'line 1: key is missing'],
  ['{"key":"","value":"a"}', 'line 1: the key is empty'],
  ['{"key":"a","key64":"YQ==","value":"a"}', 'line 1: key and key64 are both there'],
  ['{"key":"a","value64":"a"}', 'line 1: value64 is no base64'],
  ['{"key":"a","value":"a","valu":"b"}', 'line 1: "valu" is no field'],
  ['{"key":"a","value":"\\ud800"}', 'line 1: value is no valid Unicode text'],
])('JSON lines: %j is refused: %s', async (text, expected) => {
  expect(await complaint(readJsonLines, text)).toContain(expected);
});

test.each([
  ['', 'line 1: the header is missing'],
  ['key,value\na,b,c\n', 'line 2:'],
  ['key,value\na,b\n"c,d\n', 'line 3:'],
  ['key,wert\na,b\n', 'line 1: "wert" is no column'],
  ['key,key64\na,b\n', 'line 1: there is no column value'],
  ['key,value,key\na,b,c\n', 'line 1: a column is there twice'],
  ['key,value\n,b\n', 'line 2: the key is empty'],
  ['key,value64\na,YQ==\nb,b\n', 'line 3: value64 is no base64'],
])('CSV: %j is refused: %s', async (text, expected) => {
  expect(await complaint(readCsv, text)).toContain(expected);
});

test('CSV as spreadsheets write it: two columns, CRLF, a byte order mark, an empty value', async () => {
  const text = '\uFEFFkey,value\r\na,"1\r\n2"\r\n\r\nb,\r\n';

  const found = await all(readCsv(inChunks(text, 3), 'input'));

  expect(found).toEqual(
    [
      ['a', '1\r\n2'],
      ['b', ''],
    ].map((words) => words.map((word) => base64Of(Buffer.from(word))).join('=')),
  );
});
