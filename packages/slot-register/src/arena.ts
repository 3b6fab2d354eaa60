export const unitBytes = 8;

/** Shorter texts are written by a loop, which for them is faster than a call out of JavaScript. */
const shortLength = 48;

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

  write(text: string, at: number): void {
    const { length } = text;
    if (length > shortLength) {
      this.bytes.write(text, at, 'latin1');
      return;
    }
    for (let character = 0; character < length; character += 1) {
      this.bytes[at + character] = text.charCodeAt(character);
    }
  }

  text(from: number, length: number): string {
    return this.bytes.toString('latin1', from, from + length);
  }

  /** True if this text is there. What differs mostly differs in the first characters of all. */
  holds(text: string, at: number): boolean {
    const { bytes } = this;
    for (let character = 0; character < text.length; character += 1) {
      if (bytes[at + character] !== text.charCodeAt(character)) return false;
    }
    return true;
  }
}
