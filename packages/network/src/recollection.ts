import { type Reader } from './reader';

/** So many values are remembered, those that came last. */
const mostValues = 4;
/** Shorter ones are judged as fast as they are found, and longer ones would take too much room. */
const fewestBytes = 128;
const mostBytes = 65_536;

/** Values that were found right lately, with their bytes, which tell where they end: two forms of one thing. */
export class Recollection {
  /** The last one first. */
  #known: readonly { readonly value: object; readonly bytes: Buffer }[] = [];

  /** The bytes of `value`. */
  of(value: unknown): Buffer | undefined {
    if (typeof value !== 'object') return undefined;
    return this.#known.find((known) => known.value === value)?.bytes;
  }

  /** What lies next before `reader`, which then has passed it. */
  next(reader: Reader): object | undefined {
    const { buffer, position, remaining } = reader;
    for (const { value, bytes } of this.#known) {
      const { length } = bytes;
      if (length > remaining) continue;
      if (bytes.compare(buffer, position, position + length) !== 0) continue;
      reader.skip(length);
      return value;
    }
    return undefined;
  }

  /** `value`, which nobody changes, lies in `buffer` from `start` to `end`. */
  note(value: unknown, buffer: Buffer, start: number, end: number): void {
    if (typeof value !== 'object' || value === null) return;
    if (end - start < fewestBytes || end - start > mostBytes || holdsBytes(value)) return;
    const bytes = Buffer.from(buffer.subarray(start, end));
    this.#known = [{ value, bytes }, ...this.#known.slice(0, mostValues - 1)];
  }
}

/** Those lie in the frame with which they came. */
function holdsBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ArrayBuffer.isView(value) || Object.values(value).some(holdsBytes);
}
