import { isUtf8 } from 'node:buffer';

import { type Field } from './field';
import { Misfit, shown } from './misfit';
import { type Reader } from './reader';
import { type Writer } from './writer';

/** A text, or bytes, from `minimum` to `maximum` long. */
abstract class Sized {
  constructor(
    readonly minimum: number,
    readonly maximum: number,
  ) {}

  protected check(length: number): void {
    if (length < this.minimum || length > this.maximum) {
      throw new Misfit(`expected a length of ${this.minimum} to ${this.maximum}, got ${length}`);
    }
  }
}

/** Shorter texts are copied by a loop, which for them is faster than a call out of JavaScript. */
const shortLength = 48;

/** Any text, in UTF-8 behind its length in bytes. Lengths are checked in UTF-16 units, as zod does. */
export class TextField extends Sized implements Field {
  /** @param pattern - what the text must match, if anything */
  constructor(
    minimum: number,
    maximum: number,
    readonly pattern?: RegExp,
  ) {
    super(minimum, maximum);
  }

  write(writer: Writer, value: unknown): void {
    if (typeof value !== 'string') throw new Misfit(`expected a text, got ${shown(value)}`);
    this.check(value.length);
    this.#match(value);
    if (value.length <= shortLength && writeAscii(writer, value)) return;
    // UTF-8 has no half of a surrogate pair; the receiver would see another text.
    if (/\p{Surrogate}/u.test(value)) throw new Misfit('expected a text, got half a character');
    const byteLength = Buffer.byteLength(value);
    writer.unsigned(byteLength);
    const at = writer.take(byteLength);
    writer.buffer.write(value, at, 'utf8');
  }

  read(reader: Reader): string {
    const length = reader.unsigned();
    const start = reader.skip(length);
    const value = readText(reader.buffer, start, start + length);
    this.check(value.length);
    this.#match(value);
    return value;
  }

  copy(value: unknown): unknown {
    return value;
  }

  #match(value: string): void {
    if (!this.pattern) return;
    this.pattern.lastIndex = 0;
    if (!this.pattern.test(value)) {
      throw new Misfit(`expected a text like ${String(this.pattern)}, got ${shown(value)}`);
    }
  }
}

/** Writes `value` if each of its characters is one byte; writes nothing otherwise. */
function writeAscii(writer: Writer, value: string): boolean {
  const length = value.length;
  const at = writer.take(1 + length);
  const buffer = writer.buffer;
  buffer[at] = length;
  for (let index = 0; index < length; index += 1) {
    const code = value.charCodeAt(index);
    if (code >= 0x80) {
      writer.rewind(at);
      return false;
    }
    buffer[at + 1 + index] = code;
  }
  return true;
}

function readText(buffer: Buffer, start: number, end: number): string {
  let position = start;
  while (position < end && (buffer[position] ?? 0) < 0x80) position += 1;
  if (position === end) return buffer.toString('latin1', start, end);
  if (!isUtf8(buffer.subarray(position, end))) throw new Misfit('expected a text, got other bytes');
  return buffer.toString('utf8', start, end);
}

/** A string whose characters are bytes. */
export class ByteStringField extends Sized implements Field {
  write(writer: Writer, value: unknown): void {
    if (typeof value !== 'string') throw new Misfit(`expected a string, got ${shown(value)}`);
    const length = value.length;
    this.check(length);
    writer.unsigned(length);
    const at = writer.take(length);
    const buffer = writer.buffer;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0xff) throw new Misfit('expected bytes, got a character beyond U+00FF');
      buffer[at + index] = code;
    }
  }

  read(reader: Reader): string {
    const length = reader.unsigned();
    this.check(length);
    const start = reader.skip(length);
    return reader.buffer.toString('latin1', start, start + length);
  }

  copy(value: unknown): unknown {
    return value;
  }
}

/** Bytes behind their length. What is read is a view of the frame. */
export class BytesField extends Sized implements Field {
  write(writer: Writer, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw new Misfit(`expected bytes, got ${shown(value)}`);
    this.check(value.length);
    writer.unsigned(value.length);
    const at = writer.take(value.length);
    writer.buffer.set(value, at);
  }

  read(reader: Reader): Uint8Array {
    const length = reader.unsigned();
    this.check(length);
    const start = reader.skip(length);
    const { buffer, byteOffset } = reader.buffer;
    return new Uint8Array(buffer, byteOffset + start, length);
  }

  copy(value: unknown): unknown {
    return value instanceof Uint8Array ? Uint8Array.from(value) : value;
  }
}
