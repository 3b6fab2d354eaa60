import { type Field } from './field';
import { Misfit, shown } from './misfit';
import { type Reader } from './reader';
import { type Writer } from './writer';

abstract class Scalar {
  copy(value: unknown): unknown {
    return value;
  }
}

/** Safe integers in [`minimum`, `maximum`]: seven bits a byte, and a sign where there are negative ones. */
export class IntegerField extends Scalar implements Field {
  readonly #signed: boolean;

  constructor(
    readonly minimum: number,
    readonly maximum: number,
  ) {
    super();
    this.#signed = minimum < 0;
  }

  write(writer: Writer, value: unknown): void {
    this.#check(value);
    if (!this.#signed) {
      writer.unsigned(value);
      return;
    }
    // The first byte holds a sign and six bits, so that no safe integer is too large to be shifted.
    const magnitude = Math.abs(value);
    const sign = value < 0 || Object.is(value, -0) ? 0x40 : 0;
    if (magnitude < 0x40) {
      writer.byte(sign | magnitude);
      return;
    }
    writer.byte(0x80 | sign | (magnitude % 0x40));
    writer.unsigned(Math.floor(magnitude / 0x40));
  }

  read(reader: Reader): number {
    const value = this.#signed ? readSigned(reader) : reader.unsigned();
    this.#check(value);
    return value;
  }

  #check(value: unknown): asserts value is number {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new Misfit(`expected an integer, got ${shown(value)}`);
    }
    if (value < this.minimum || value > this.maximum) {
      throw new Misfit(`expected ${this.minimum} to ${this.maximum}, got ${value}`);
    }
  }
}

function readSigned(reader: Reader): number {
  const first = reader.byte();
  const magnitude = first < 0x80 ? first & 0x3f : reader.continued(first & 0x3f, 0x40);
  return first & 0x40 ? -magnitude : magnitude;
}

/** Any finite number, in eight bytes. */
export class NumberField extends Scalar implements Field {
  constructor(
    readonly minimum: number,
    readonly maximum: number,
  ) {
    super();
  }

  write(writer: Writer, value: unknown): void {
    this.#check(value);
    const at = writer.take(8);
    writer.buffer.writeDoubleLE(value, at);
  }

  read(reader: Reader): number {
    const value = reader.buffer.readDoubleLE(reader.skip(8));
    this.#check(value);
    return value;
  }

  #check(value: unknown): asserts value is number {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new Misfit(`expected a number, got ${shown(value)}`);
    }
    if (value < this.minimum || value > this.maximum) {
      throw new Misfit(`expected ${this.minimum} to ${this.maximum}, got ${value}`);
    }
  }
}

export class BooleanField extends Scalar implements Field {
  write(writer: Writer, value: unknown): void {
    if (typeof value !== 'boolean') throw new Misfit(`expected true or false, got ${shown(value)}`);
    writer.byte(value ? 1 : 0);
  }

  read(reader: Reader): boolean {
    const byte = reader.byte();
    if (byte > 1) throw new Misfit(`expected true or false, got ${byte}`);
    return byte === 1;
  }
}

/** One of a few values, as its place in the list of them: enumerations, literals, null. */
export class ChoiceField extends Scalar implements Field {
  readonly #places: ReadonlyMap<unknown, number>;

  constructor(readonly choices: readonly unknown[]) {
    super();
    this.#places = new Map(choices.map((choice, place) => [choice, place]));
  }

  write(writer: Writer, value: unknown): void {
    const place = this.#places.get(value);
    if (place === undefined) throw new Misfit(`expected ${this.#described()}, got ${shown(value)}`);
    writer.unsigned(place);
  }

  read(reader: Reader): unknown {
    const place = reader.unsigned();
    if (place >= this.choices.length) throw new Misfit(`expected ${this.#described()}`);
    return this.choices[place];
  }

  #described(): string {
    return this.choices.map(shown).join(' or ');
  }
}
