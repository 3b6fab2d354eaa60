import { type z } from 'zod';

import { type Field } from './field';
import { objectCopierOf, objectReaderOf, objectWriterOf } from './generated';
import { inside, Misfit, shown } from './misfit';
import { isPlainObject } from './plain-object';
import { type Reader } from './reader';
import { type Writer } from './writer';

/** Lists from `minimum` to `maximum` long: the length, and each item. */
export class ListField implements Field {
  constructor(
    readonly item: Field,
    readonly minimum: number,
    readonly maximum: number,
  ) {}

  write(writer: Writer, value: unknown): void {
    if (!Array.isArray(value)) throw new Misfit(`expected a list, got ${shown(value)}`);
    this.#check(value.length);
    writer.unsigned(value.length);
    let index = 0;
    try {
      for (; index < value.length; index += 1) this.item.write(writer, value[index]);
    } catch (cause) {
      throw inside(String(index), cause);
    }
  }

  read(reader: Reader): readonly unknown[] {
    const length = reader.unsigned();
    this.#check(length);
    if (length > reader.remaining) throw new Misfit(`a list of ${length} items was cut short`);
    const items: unknown[] = [];
    try {
      while (items.length < length) items.push(this.item.read(reader));
    } catch (cause) {
      throw inside(String(items.length), cause);
    }
    return items;
  }

  copy(value: unknown): unknown {
    return Array.isArray(value) ? value.map((item) => this.item.copy(item)) : value;
  }

  #check(length: number): void {
    if (length < this.minimum || length > this.maximum) {
      throw new Misfit(`expected ${this.minimum} to ${this.maximum} items, got ${length}`);
    }
  }
}

function at<T>(name: number | string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    throw inside(String(name), cause);
  }
}

/** Objects with known properties, in the order of the schema; a byte of its own if there are none. */
export class ObjectField implements Field {
  readonly #write: (writer: Writer, value: object) => void;
  readonly #read: (reader: Reader) => object;
  readonly #copy: (value: object) => object;
  readonly #empty: boolean;

  constructor(names: readonly string[], fields: readonly Field[]) {
    this.#write = objectWriterOf(names, fields);
    this.#read = objectReaderOf(names, fields);
    this.#copy = objectCopierOf(names, fields);
    this.#empty = names.length === 0;
  }

  write(writer: Writer, value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Misfit(`expected an object, got ${shown(value)}`);
    }
    if (this.#empty) writer.byte(0);
    this.#write(writer, value);
  }

  read(reader: Reader): object {
    if (this.#empty) reader.byte();
    return this.#read(reader);
  }

  copy(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.#copy(value) : value;
  }
}

/** Lists of fixed length with a field for each place. */
export class TupleField implements Field {
  constructor(readonly items: readonly Field[]) {}

  write(writer: Writer, value: unknown): void {
    if (!Array.isArray(value)) throw new Misfit(`expected a list, got ${shown(value)}`);
    if (value.length !== this.items.length) {
      throw new Misfit(`expected ${this.items.length} items, got ${value.length}`);
    }
    if (value.length === 0) writer.byte(0);
    this.items.forEach((item, index) => {
      at(index, () => {
        item.write(writer, value[index]);
      });
    });
  }

  read(reader: Reader): readonly unknown[] {
    if (this.items.length === 0) reader.byte();
    return this.items.map((item, index) => at(index, () => item.read(reader)));
  }

  copy(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    return this.items.map((item, index) => item.copy(value[index]));
  }
}

/** Objects with any names: how many, and each name with its value. */
export class RecordField implements Field {
  constructor(
    readonly name: Field,
    readonly value: Field,
  ) {}

  write(writer: Writer, value: unknown): void {
    if (!isPlainObject(value)) throw new Misfit(`expected an object, got ${shown(value)}`);
    const entries = Object.entries(value);
    writer.unsigned(entries.length);
    for (const [name, inner] of entries) {
      at(name, () => {
        checkName(name);
        this.name.write(writer, name);
        this.value.write(writer, inner);
      });
    }
  }

  read(reader: Reader): Readonly<Record<string, unknown>> {
    const count = reader.unsigned();
    if (count > reader.remaining) throw new Misfit(`a record of ${count} entries was cut short`);
    const record: Record<string, unknown> = {};
    for (let index = 0; index < count; index += 1) {
      const name = String(this.name.read(reader));
      checkName(name);
      if (Object.hasOwn(record, name)) throw new Misfit(`the name ${shown(name)} is there twice`);
      record[name] = at(name, () => this.value.read(reader));
    }
    return record;
  }

  copy(value: unknown): unknown {
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, this.value.copy(inner)]),
    );
  }
}

/** This name would set the prototype of what is read, and zod drops it. */
function checkName(name: string): void {
  if (name === '__proto__') throw new Misfit('no entry may have the name __proto__');
}

/** A value that may be missing: `missing` is undefined or null. */
export class MaybeField implements Field {
  constructor(
    readonly inner: Field,
    readonly missing: undefined | null,
  ) {}

  write(writer: Writer, value: unknown): void {
    if (value === this.missing) {
      writer.byte(0);
      return;
    }
    writer.byte(1);
    this.inner.write(writer, value);
  }

  read(reader: Reader): unknown {
    const byte = reader.byte();
    if (byte > 1) {
      throw new Misfit(`expected 0 or 1 before a value that may be missing, got ${byte}`);
    }
    return byte === 0 ? this.missing : this.inner.read(reader);
  }

  copy(value: unknown): unknown {
    return value === this.missing ? value : this.inner.copy(value);
  }
}

export interface UnionOption {
  readonly schema: z.ZodType;
  readonly field: Field;
}

/** One of several schemas: its place, and the value. The first that allows a value is taken. */
export class UnionField implements Field {
  /**
   * @param discriminator - the property that tells which option it is, and the place of the option for
   * each of its values; without it, the schemas are tried in turn
   */
  constructor(
    readonly options: readonly UnionOption[],
    readonly discriminator?: {
      readonly name: string;
      readonly places: ReadonlyMap<unknown, number>;
    },
  ) {}

  write(writer: Writer, value: unknown): void {
    const place = this.#placeOf(value);
    writer.unsigned(place);
    this.#option(place).field.write(writer, value);
  }

  read(reader: Reader): unknown {
    return this.#option(reader.unsigned()).field.read(reader);
  }

  copy(value: unknown): unknown {
    return this.#option(this.#placeOf(value)).field.copy(value);
  }

  #placeOf(value: unknown): number {
    if (!this.discriminator) {
      return this.options.findIndex(({ schema }) => schema.safeParse(value).success);
    }
    if (typeof value !== 'object' || value === null) return -1;
    return this.discriminator.places.get(Reflect.get(value, this.discriminator.name)) ?? -1;
  }

  #option(place: number): UnionOption {
    const option = this.options[place];
    if (!option) throw new Misfit(`expected one of ${this.options.length} forms, got another`);
    return option;
  }
}
