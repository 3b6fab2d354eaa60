import { invariant } from '@jbstore/core';

import { isSame, keep, type Kept } from './kept';
import { neverWritten } from './timestamp';

/** One replica's copy of one register. */
export class Copy {
  constructor(
    public timestamp: number,
    public value: Kept,
  ) {}

  replace(timestamp: number, value: Kept): void {
    invariant(timestamp > this.timestamp, 'the timestamp of a copy never decreases');
    this.timestamp = timestamp;
    this.value = value;
  }
}

/** Names that begin with the same 10 bits lie in one bucket: listing sorts the buckets it needs. */
const buckets = 1024;

/**
 * The registers of which one process holds a copy: (timestamp, value) by name. A register comes into
 * being with the first write that reaches it; one that was only read costs nothing.
 */
export class Registers {
  readonly #buckets: (Map<string, Copy> | undefined)[] = new Array<undefined>(buckets);
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  /** The bytes of names and values together. */
  get bytes(): number {
    return this.#bytes;
  }

  find(register: string): Copy | undefined {
    return this.#buckets[bucketOf(register)]?.get(register);
  }

  timestampOf(register: string): number {
    return this.find(register)?.timestamp ?? neverWritten;
  }

  /** Keeps `value`, copied, unless the copy held here is of this timestamp or a later one. */
  store(register: string, timestamp: number, value: Uint8Array): void {
    const copy = this.find(register);
    if (!copy) {
      this.#add(register, new Copy(timestamp, keep(value)));
    } else if (timestamp > copy.timestamp) {
      this.#bytes += value.length - copy.value.length;
      copy.replace(timestamp, keep(value));
    } else if (timestamp === copy.timestamp) {
      invariant(isSame(copy.value, value), 'one timestamp has one value');
    }
  }

  /** At most `limit` names greater than `after` and less than `until`, in order. */
  list(
    after: string,
    until: string | undefined,
    limit: number,
  ): { names: string[]; more: boolean } {
    const names: string[] = [];
    const last = until === undefined ? buckets - 1 : bucketOf(until);
    for (let index = bucketOf(after); index <= last; index += 1) {
      const within = [...(this.#buckets[index]?.keys() ?? [])].filter(
        (name) => name > after && (until === undefined || name < until),
      );
      const wanted = limit - names.length;
      if (wanted === 0 && within.length > 0) return { names, more: true };
      names.push(...within.sort().slice(0, wanted));
      if (within.length > wanted) return { names, more: true };
    }
    return { names, more: false };
  }

  #add(register: string, copy: Copy): void {
    const index = bucketOf(register);
    invariant(index < buckets, 'the name of a register is a byte string');
    (this.#buckets[index] ??= new Map<string, Copy>()).set(register, copy);
    this.#size += 1;
    this.#bytes += register.length + copy.value.length;
  }
}

/** The first 10 bits of `register`; in the order of names, and 0 for the empty one. */
function bucketOf(register: string): number {
  return (register.charCodeAt(0) << 2) | (register.charCodeAt(1) >> 6);
}
