export const unitBytes = 8;

/** A run of bytes in units of eight, which can be read and written as numbers of eight and of four bytes as well. */
export class Arena {
  readonly bytes: Buffer;
  readonly doubles: Float64Array;
  readonly words: Uint32Array;

  /** @param first - what it begins with; the rest is whatever was there before */
  constructor(units: number, first?: Buffer) {
    this.bytes = Buffer.allocUnsafeSlow(unitBytes * units);
    this.doubles = new Float64Array(this.bytes.buffer, 0, units);
    this.words = new Uint32Array(this.bytes.buffer, 0, 2 * units);
    first?.copy(this.bytes);
  }

  get units(): number {
    return this.doubles.length;
  }

  double(at: number): number {
    return this.doubles[at] ?? 0;
  }

  word(at: number): number {
    return this.words[at] ?? 0;
  }

  text(from: number, length: number): string {
    return this.bytes.toString('latin1', from, from + length);
  }
}
