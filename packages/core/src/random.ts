import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

import { invariant } from './errors';

/** A stream of chance, the same for the same seed (xoroshiro128+, Blackman and Vigna 2018). */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  constructor(seed: string) {
    this.#generator = xoroshiro128plusFromState(stateOf(seed));
  }

  /** A whole number in [0, `end`), each as likely; `end` in [1, 2^53]. */
  int(end: number): number {
    invariant(Number.isSafeInteger(end - 1) && end >= 1, 'the end of a range is in [1, 2^53]');
    return uniformInt(this.#generator, 0, end - 1);
  }

  /** A number in [0, 1). */
  float(): number {
    return uniformFloat64(this.#generator);
  }

  /** 32 bits, as a whole number in [0, 2^32). */
  bits32(): number {
    return this.#generator.next() >>> 0;
  }

  /** `bytes` bytes as lower-case hexadecimal digits. */
  hex(bytes: number): string {
    const pairs = Array.from({ length: bytes }, () => this.int(256).toString(16).padStart(2, '0'));
    return pairs.join('');
  }

  /** One of `items`; there must be one. */
  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, 'something to pick from');
    return items[this.int(items.length)] as T;
  }

  /** `items` in an order by chance, each as likely (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let index = shuffled.length - 1; index > 0; index -= 1) {
      const other = this.int(index + 1);
      [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
    }
    return shuffled;
  }
}

/** Spreads a seed of any length over 128 bits, not all zero: four FNV-1a hashes, each mixed. */
function stateOf(seed: string): [number, number, number, number] {
  const hash = (offset: number): number => {
    let bits = 0x811c9dc5 ^ offset;
    for (let index = 0; index < seed.length; index += 1) {
      bits = Math.imul(bits ^ seed.charCodeAt(index), 0x01000193);
    }
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return (bits ^ (bits >>> 16)) | 0;
  };
  return [hash(0x9e3779b9) | 1, hash(0x3c6ef372), hash(0xdaa66d2b), hash(0x78dde6e4)];
}

/** A seed that nobody chose: 128 bits of the operating system's chance. */
export function freshSeed(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}
