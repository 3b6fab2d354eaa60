import { Misfit } from './misfit';

/** Reads what a {@link Writer} wrote, from bytes that anybody may have sent. */
export class Reader {
  buffer: Buffer;
  position: number;
  /** Nothing is read at or behind it. */
  end: number;

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Passes over `count` bytes and returns where they begin. */
  skip(count: number): number {
    const at = this.position;
    if (count > this.end - at) throw new Misfit(`${count} bytes expected, ${this.remaining} there`);
    this.position = at + count;
    return at;
  }

  byte(): number {
    const at = this.skip(1);
    return this.buffer[at] ?? 0;
  }

  /** A whole number in [0, 2^53). */
  unsigned(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.continued(first & 0x7f, 0x80);
  }

  /** The rest of a whole number whose lowest bits are `value`; the next byte counts `factor` times. */
  continued(value: number, factor: number): number {
    let sum = value;
    let weight = factor;
    for (;;) {
      const byte = this.byte();
      sum += (byte & 0x7f) * weight;
      if (sum > Number.MAX_SAFE_INTEGER) throw new Misfit('a number beyond 2^53');
      if (byte < 0x80) return sum;
      weight *= 0x80;
      if (weight > Number.MAX_SAFE_INTEGER) throw new Misfit('a number of too many bytes');
    }
  }
}
