import { type z } from 'zod';

import { type Field } from './field';
import { Misfit } from './misfit';
import { isPlainObject } from './plain-object';
import { type Reader } from './reader';
import { Recollection } from './recollection';
import { TextField } from './text-fields';
import { type Writer } from './writer';

/**
 * Packed as `inner` does it, and checked by its schema: for refinements that only zod can judge. What many are told,
 * and one is told by many, is judged once, as nobody changes it.
 */
export class CheckedField implements Field {
  readonly #written = new Recollection();
  readonly #read = new Recollection();

  constructor(
    readonly inner: Field,
    readonly schema: z.ZodType,
  ) {}

  write(writer: Writer, value: unknown): void {
    const known = this.#written.of(value);
    if (known) {
      const at = writer.take(known.length);
      writer.buffer.set(known, at);
      return;
    }
    const start = writer.position - writer.mark;
    this.inner.write(writer, parse(this.schema, value));
    this.#written.note(value, writer.buffer, writer.mark + start, writer.position);
  }

  read(reader: Reader): unknown {
    const known = this.#read.next(reader);
    if (known !== undefined) return known;
    const start = reader.position;
    const value = parse(this.schema, this.inner.read(reader));
    this.#read.note(value, reader.buffer, start, reader.position);
    return value;
  }

  copy(value: unknown): unknown {
    return this.inner.copy(value);
  }
}

const text = new TextField(0, Infinity);

/** JSON, checked by the schema at both ends: for whatever has no packed form. */
export class JsonField implements Field {
  constructor(readonly schema: z.ZodType) {}

  write(writer: Writer, value: unknown): void {
    if (value === undefined || !isJson(value)) throw new Misfit('expected a value that JSON knows');
    const json = JSON.stringify(value);
    parse(this.schema, JSON.parse(json));
    text.write(writer, json);
  }

  read(reader: Reader): unknown {
    const json = text.read(reader);
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      throw new Misfit('expected JSON');
    }
    return parse(this.schema, value);
  }

  copy(value: unknown): unknown {
    return structuredClone(value);
  }
}

/**
 * True if JSON, and zod, turn `value` into nothing else, but for properties that are undefined. Of properties called
 * `__proto__` zod makes nothing.
 */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) {
    return value === undefined || ['boolean', 'string', 'object'].includes(typeof value);
  }
  if (!Array.isArray(value) && !isPlainObject(value)) return false;
  return !Object.hasOwn(value, '__proto__') && Object.values(value).every(isJson);
}

function parse(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new Misfit(issues.join(', '));
}
