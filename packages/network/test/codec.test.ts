import fc from 'fast-check';
import { z } from 'zod';

import {
  Address,
  byteString,
  bytes,
  decode,
  DuplicateMessageError,
  encode,
  MalformedMessageError,
  message,
  type Message,
  nobody,
  Packing,
  ProcessId,
  toJson,
  Unit,
  unitAt,
  UnsupportedFieldError,
} from '../src';
import { fnv1a, type Declaration } from '../src/message';
import { Reader } from '../src/reader';
import { Writer } from '../src/writer';

interface Tree {
  readonly name: string;
  readonly branches: readonly Tree[];
}
const Tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get branches() {
    return z.array(Tree);
  },
});

enum Colour {
  Red,
  Green,
}

/** Trees of so many levels at most: deeper ones would try fast-check's stack, not the codec. */
function treeOf(levels: number): fc.Arbitrary<Tree> {
  const branches = levels > 1 ? fc.array(treeOf(levels - 1), { maxLength: 2 }) : fc.constant([]);
  return fc.record({ name: fc.string(), branches });
}

const tallies = new Packing('tallies', z.array(z.int()));

/** One field of every kind, each with the values that it should carry. */
const kinds = {
  integer: [z.int(), fc.maxSafeInteger()],
  natural: [z.int().nonnegative(), fc.maxSafeNat()],
  bounded: [z.int().min(-3).max(300), fc.integer({ min: -3, max: 300 })],
  between: [z.int().gt(-3).lt(7), fc.integer({ min: -2, max: 6 })],
  word: [z.uint32(), fc.nat(2 ** 32 - 1)],
  even: [z.int().multipleOf(2), fc.integer().map((value) => value * 2)],
  number: [z.number(), fc.double({ noNaN: true, noDefaultInfinity: true })],
  flag: [z.boolean(), fc.boolean()],
  text: [z.string(), fc.string({ unit: 'grapheme', maxLength: 90 })],
  short: [
    z.string().min(1).max(5),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 5 }),
  ],
  pattern: [z.string().regex(/^a+$/), fc.nat(9).map((count) => 'a'.repeat(count + 1))],
  uuid: [z.uuid(), fc.uuid()],
  bytes: [bytes(), fc.uint8Array({ maxLength: 300 }).map((value) => Uint8Array.from(value))],
  fewBytes: [
    bytes({ minBytes: 2, maxBytes: 4 }),
    fc.uint8Array({ minLength: 2, maxLength: 4 }).map((value) => Uint8Array.from(value)),
  ],
  byteString: [
    byteString({ maxBytes: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value).toString('latin1')),
  ],
  packed: [
    tallies.schema,
    fc.array(fc.maxSafeInteger(), { maxLength: 9 }).map((list) => tallies.pack(list)),
  ],
  list: [z.array(z.int()).max(9), fc.array(fc.maxSafeInteger(), { maxLength: 9 })],
  pair: [z.tuple([z.int(), z.string()]), fc.tuple(fc.maxSafeInteger(), fc.string())],
  record: [
    z.record(z.string(), z.int()),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      fc.maxSafeInteger(),
      { noNullPrototype: true },
    ),
  ],
  inner: [
    z.object({ a: z.int(), 'not a name': z.string() }),
    fc.record({ a: fc.maxSafeInteger(), 'not a name': fc.string() }),
  ],
  empty: [z.array(z.object({})), fc.array(fc.constant({}))],
  optional: [z.int().optional(), fc.option(fc.maxSafeInteger(), { nil: undefined })],
  nullable: [z.string().nullable(), fc.option(fc.string(), { nil: null })],
  choice: [z.enum(['a', 'b', 'c']), fc.constantFrom('a', 'b', 'c')],
  colour: [z.enum(Colour), fc.constantFrom(Colour.Red, Colour.Green)],
  literal: [z.literal(['x', 7, null]), fc.constantFrom('x', 7, null)],
  union: [
    z.union([z.int(), z.string(), z.array(z.boolean())]),
    fc.oneof(fc.maxSafeInteger(), fc.string(), fc.array(fc.boolean())),
  ],
  variant: [
    z.discriminatedUnion('is', [
      z.object({ is: z.literal('value'), value: bytes() }),
      z.object({ is: z.enum(['missing', 'deleted']) }),
    ]),
    fc.oneof(
      fc.record({
        is: fc.constant('value' as const),
        value: fc.uint8Array().map((value) => Uint8Array.from(value)),
      }),
      fc.record({ is: fc.constantFrom('missing' as const, 'deleted' as const) }),
    ),
  ],
  tree: [Tree, treeOf(4)],
  process: [ProcessId, fc.constantFrom('n1', 'a-b').map((id) => ProcessId.parse(id))],
  address: [
    Address,
    fc.constantFrom('n1@h:1', '@[::1]:2', 'c@').map((text) => Address.parse(text)),
  ],
  strict: [z.strictObject({ a: z.int() }), fc.record({ a: fc.maxSafeInteger() })],
  json: [
    z.json(),
    fc
      .jsonValue({ maxDepth: 2 })
      .map((value) => JSON.parse(JSON.stringify(value)) as z.core.util.JSONType)
      .filter((value) => !JSON.stringify(value).includes('"__proto__":')),
  ],
} as const;

const destination = Address.parse('n1@localhost:1');
const declarations = Object.entries(kinds).map(([kind, [schema, arbitrary]]) => ({
  kind,
  schema: z.object({ field: schema }),
  arbitrary: arbitrary as fc.Arbitrary<unknown>,
  type: message(`test/${kind}`, { field: schema as z.ZodType }),
}));

function encoded(declaration: Declaration, sent: Message): Buffer {
  const writer = new Writer(16);
  declaration.write(writer, sent);
  return writer.buffer.subarray(0, writer.position);
}

describe.each(declarations)('a field of the kind $kind', ({ type, schema, arbitrary }) => {
  const { declaration } = type;
  const decode = (packed: Buffer): object => declaration.read(new Reader(packed), destination, {});

  test('comes out as it went in', () => {
    fc.assert(
      fc.property(arbitrary, (field) => {
        const sent = new type(destination, { field });

        const received = decode(encoded(declaration, sent));

        expect(received).toEqual(sent);
        expect(received).toBeInstanceOf(type);
      }),
    );
  });

  test('is written if zod allows it, and refused if not', () => {
    fc.assert(
      fc.property(fc.oneof(anything, arbitrary), (field) => {
        const sent = new type(destination, { field });
        let written = true;
        try {
          encoded(declaration, sent);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
          written = false;
        }

        expect(written).toBe(schema.safeParse({ field }).success && crosses(field));
      }),
    );
  });

  test('is read from any bytes as a value that zod allows, or refused', () => {
    const damaged = fc
      .tuple(arbitrary, fc.nat(), fc.nat(255), fc.nat(3))
      .map(([field, where, byte, cut]) => {
        const packed = Buffer.from(encoded(declaration, new type(destination, { field })));
        packed[where % packed.length] = byte;
        return packed.subarray(0, packed.length - (cut === 3 ? 1 : 0));
      });
    const random = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
    fc.assert(
      fc.property(fc.oneof(damaged, random), (packed) => {
        let received: object;
        try {
          received = decode(packed);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
          return;
        }
        expect(schema.safeParse(received).success).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('is copied for a message to oneself, so that neither can change the other', () => {
    fc.assert(
      fc.property(arbitrary, (field) => {
        const sent = new type(destination, { field });

        const received = declaration.received(sent, destination, destination);

        expect(received).toEqual(new type(destination, { field }, { source: destination }));
        expect(sharesBytes(received, sent)).toBe(false);
      }),
    );
  });
});

const anything = fc.anything({
  values: [fc.boolean(), fc.integer(), fc.double(), fc.string(), fc.constant(null)],
  withNullPrototype: true,
  withTypedArray: true,
  withBigInt: true,
  withDate: true,
  maxDepth: 1,
  maxKeys: 3,
});

/** What zod allows and no wire carries: half of a surrogate pair, or a name of which zod makes nothing. */
function crosses(field: unknown): boolean {
  const names: string[] = [];
  const texts: string[] = [];
  collectTexts(field, names, texts);
  const isHalved = (text: string): boolean => /\p{Surrogate}/u.test(text);
  return !names.includes('__proto__') && ![...names, ...texts].some(isHalved);
}

function collectTexts(value: unknown, names: string[], texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const [name, inner] of Object.entries(value)) {
    names.push(name);
    collectTexts(inner, names, texts);
  }
}

function sharesBytes(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    return false;
  }
  if (one === other) return !(Array.isArray(one) && one.length === 0);
  if (one instanceof Uint8Array && other instanceof Uint8Array) return one.buffer === other.buffer;
  return Object.entries(one).some(([name, inner]) => sharesBytes(inner, Reflect.get(other, name)));
}

describe('a large value that only zod can judge', () => {
  const isRising = (items: readonly number[]): boolean =>
    items.every((item, place) => place === 0 || item > (items[place - 1] ?? 0));
  const shape = {
    items: z.array(z.int()).refine(isRising, 'items rise').readonly(),
    more: z.int(),
  };
  class Rising extends message('test/Rising', shape) {}
  const { declaration } = Rising;
  const of = (length: number): readonly number[] => Array.from({ length }, (_, place) => place);
  const through = (sent: Message): object =>
    declaration.read(new Reader(encoded(declaration, sent)), destination, {});

  test('comes out as it went in, be it told, and heard, again and again', () => {
    const values = [200, 201, 200, 300, 199, 10, 400, 500, 201].map(of);

    for (const items of [...values, ...values, ...values.map((value) => [...value])]) {
      const sent = new Rising(destination, { items, more: items.length });
      expect(through(sent)).toEqual(sent);
    }
  });

  test('is refused if it is wrong, also where it begins as one that was right', () => {
    const right = new Rising(destination, { items: of(200), more: 1 });
    const packed = encoded(declaration, right);
    through(right);
    const wrong = Buffer.from(packed);
    wrong[150] = 0;

    expect(() => declaration.read(new Reader(wrong), destination, {})).toThrow('items rise');
    expect(() =>
      encoded(declaration, new Rising(destination, { items: [...of(200), 3], more: 1 })),
    ).toThrow('items rise');
    for (const length of [packed.length - 1, 150, 0]) {
      const cut = new Reader(packed, 0, length);
      expect(() => declaration.read(cut, destination, {})).toThrow(MalformedMessageError);
    }
    expect(through(right)).toEqual(right);
  });
});

describe('values at rest', () => {
  test('come out as they went in', () => {
    const list = fc.array(fc.maxSafeInteger(), { maxLength: 3_000 });
    fc.assert(
      fc.property(list, (values) => expect(tallies.unpack(tallies.pack(values))).toEqual(values)),
    );
  });

  test.each(['', '\u0001', '\u0000\u0000', '\u0100'])('are not unpacked from %j', (packed) => {
    expect(() => tallies.unpack(packed)).toThrow(MalformedMessageError);
  });

  test('are as their schema wants them', () => {
    expect(() => tallies.pack([0.5])).toThrow('tallies: 0: expected an integer, got 0.5');
  });
});

describe('a message', () => {
  class Note extends message('test/Note', { words: z.array(z.string()), key: bytes() }) {}
  class Urgent extends message('test/Urgent', {}) {}

  test('tells which field does not fit, and what it should have been', () => {
    const wrong = new Note(destination, { words: ['a', 3 as never], key: new Uint8Array() });

    expect(() => encoded(Note.declaration, wrong)).toThrow(
      'malformed test/Note: words.1: expected a text, got 3',
    );
  });

  test('has no property of which zod makes nothing', () => {
    class Free extends message('test/Free', { any: z.json() }) {}
    const any = JSON.parse('{ "__proto__": 0 }') as z.core.util.JSONType;

    expect(() => encoded(Free.declaration, new Free(destination, { any: [any] }))).toThrow(
      'malformed test/Free: any: expected a value that JSON knows',
    );
  });

  test('has the FNV-1a hash of its type as wire id', () => {
    expect(fnv1a('')).toBe(0x811c9dc5);
    expect(fnv1a('foobar')).toBe(0xbf9cf968);
    expect(Note.declaration.wireId).toBe(fnv1a('test/Note'));
  });

  test('cannot be declared twice', () => {
    expect(() => message('test/Note', {})).toThrow(DuplicateMessageError);
  });

  test('cannot be declared with what would not arrive', () => {
    expect(() => message('test/Dated', { at: z.object({ day: z.date() }) })).toThrow(
      new UnsupportedFieldError('test/Dated.at.day', 'date'),
    );
    expect(() => message('test/Source', { source: z.string() })).toThrow(
      'may not be called source',
    );
  });

  test('is from nobody, in the normal lane, until told otherwise', () => {
    expect(new Urgent(destination, {})).toMatchObject({ source: nobody, lane: 'normal' });
    expect(new Urgent(destination, {}, { lane: 'priority' }).lane).toBe('priority');
  });

  test('is told apart from those of other types', () => {
    const received = Urgent.declaration.received(new Urgent(destination, {}), nobody, destination);

    expect(received).toBeInstanceOf(Urgent);
    expect(received).not.toBeInstanceOf(Note);
    expect(Object.fromEntries(Object.entries(received))).not.toBeInstanceOf(Urgent);
    expect(received.type).toBe('test/Urgent');
  });

  test('crosses a wire alone as bytes: type, units and fields', () => {
    const note = new Note(unitAt(destination, Unit.parse('u')), {
      words: ['a'],
      key: Uint8Array.of(1),
    });
    const passage = { source: nobody, destination, lane: 'normal' as const };

    expect(toJson(decode(encode(note), passage))).toStrictEqual(toJson(note));
    expect(decode(encode(new Urgent(destination, {})), passage)).toBeInstanceOf(Urgent);
    expect(() => decode(Buffer.from([1, 2, 3, 4]), passage)).toThrow('its type is not known here');
    expect(() => decode(encode(note).subarray(0, -1), passage)).toThrow(MalformedMessageError);
    expect(() =>
      encode(new Note(destination, { words: [3 as never], key: new Uint8Array() })),
    ).toThrow(MalformedMessageError);
  });

  test('can be read by people', () => {
    const note = new Note(destination, { words: ['a'], key: Uint8Array.of(1, 2) });

    expect(toJson(note)).toEqual({
      type: 'test/Note',
      source: nobody,
      destination,
      lane: 'normal',
      words: ['a'],
      key: 'AQI=',
    });
  });
});
