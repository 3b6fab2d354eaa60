import { type z } from 'zod';

import { byteStringIn, isByteString } from './byte-schemas';
import { MalformedMessageError } from './errors';
import { type Field } from './field';
import { Misfit, shown } from './misfit';
import { Reader } from './reader';
import { fieldOf } from './schema-fields';
import { Writer } from './writer';

/**
 * Values of one schema at rest: packed as in a message, in one string of a character for each byte. So a program
 * keeps one flat thing instead of many small ones, and sends it on as it is.
 *
 * @example
 * ```ts
 * import { Packing } from '@jbstore/network/port';
 * import { z } from 'zod';
 *
 * const tallies = new Packing('tallies', z.array(z.int()));
 *
 * const atRest: string = tallies.pack([3, 1, 4]);
 * const sum = tallies.unpack(atRest).reduce((one, other) => one + other);
 * ```
 */
export class Packing<Value> {
  /** A field of a message that carries what is packed: what is received was checked, and can be unpacked. */
  readonly schema: z.ZodCustom<string, string>;
  readonly #name: string;
  readonly #field: PackedField;

  /** @param name - of the values, for errors */
  constructor(name: string, schema: z.ZodType<Value>) {
    this.#name = name;
    this.#field = new PackedField(fieldOf(schema, name));
    this.schema = byteStringIn((value) => fits(value, this.#field), this.#field);
  }

  /** @throws {@link MalformedMessageError} if `value` is not as the schema wants it. */
  pack(value: Value): string {
    try {
      return this.#field.pack(value);
    } catch (cause) {
      throw this.#malformed(cause);
    }
  }

  /** @throws {@link MalformedMessageError} if `packed` is not the packed form of one value. */
  unpack(packed: string): Value {
    try {
      return this.#field.unpack(packed) as Value;
    } catch (cause) {
      throw this.#malformed(cause);
    }
  }

  #malformed(cause: unknown): unknown {
    return cause instanceof Misfit ? new MalformedMessageError(this.#name, [cause.issue]) : cause;
  }
}

function fits(value: unknown, field: PackedField): boolean {
  try {
    field.check(value);
    return true;
  } catch (cause) {
    if (cause instanceof Misfit) return false;
    throw cause;
  }
}

const scratch = new Writer(4 * 1024);

/** The packed form of a value behind its length, as a string at both ends. */
class PackedField implements Field {
  /** Is a packed form: mostly what is sent was packed just before, or sent to another. */
  #known: string | undefined;

  constructor(readonly inner: Field) {}

  pack(value: unknown): string {
    scratch.rewind(0);
    scratch.mark = 0;
    this.inner.write(scratch, value);
    this.#known = scratch.buffer.toString('latin1', 0, scratch.position);
    return this.#known;
  }

  unpack(packed: string): unknown {
    if (!isByteString(packed)) throw new Misfit('expected bytes, got a character beyond U+00FF');
    const reader = new Reader(Buffer.from(packed, 'latin1'));
    const value = this.inner.read(reader);
    if (reader.remaining > 0) throw new Misfit(`${reader.remaining} bytes too many`);
    return value;
  }

  check(packed: unknown): asserts packed is string {
    if (typeof packed !== 'string') throw new Misfit(`expected a string, got ${shown(packed)}`);
    if (packed === this.#known) return;
    this.unpack(packed);
    this.#known = packed;
  }

  write(writer: Writer, value: unknown): void {
    this.check(value);
    writer.unsigned(value.length);
    const at = writer.take(value.length);
    writer.buffer.write(value, at, 'latin1');
  }

  read(reader: Reader): string {
    const length = reader.unsigned();
    const start = reader.position;
    this.inner.read(reader);
    const read = reader.position - start;
    if (read !== length) throw new Misfit(`expected ${length} packed bytes, got ${read}`);
    return reader.buffer.toString('latin1', start, start + length);
  }

  copy(value: unknown): unknown {
    return value;
  }
}
