import type { PortEvent } from '@jbstore/core';
import { Message } from '@jbstore/network/port';

const { imul } = Math;

/** So deep are events looked into: a request within an answer, and an array within that. */
const depth = 2;

/**
 * A hash of all that happened, in order, which grows with the run: two runs with one hash are the same.
 * 64 bits, in two lanes with different multipliers (after Fowler, Noll and Vo).
 */
export class TraceHash {
  #low = 0x811c9dc5 | 0;
  #high = 0x9dc5811c | 0;
  readonly #texts = new Map<string, number>();
  readonly #number = new Float64Array(1);
  readonly #words = new Int32Array(this.#number.buffer);

  /** 16 hexadecimal digits. */
  get hex(): string {
    const part = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return part(this.#high) + part(this.#low);
  }

  word(value: number): void {
    this.#low = imul(this.#low ^ value, 0x01000193);
    this.#low ^= this.#low >>> 15;
    this.#high = imul(this.#high ^ value, 0x85ebca6b);
    this.#high ^= this.#high >>> 13;
  }

  number(value: number): void {
    this.#number[0] = value;
    this.word(this.#words[0] ?? 0);
    this.word(this.#words[1] ?? 0);
  }

  /** A text that comes again and again: each is looked at once. */
  name(text: string): void {
    let bits = this.#texts.get(text);
    if (bits === undefined) {
      bits = 0x811c9dc5;
      for (let index = 0; index < text.length; index += 1) {
        bits = imul(bits ^ text.charCodeAt(index), 0x01000193);
      }
      this.#texts.set(text, bits);
    }
    this.word(bits);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.word(byte);
    this.word(bytes.length);
  }

  /** What `event` is, and its fields; of a message, as its fields are hashed with its bytes, whose it is. */
  event(event: PortEvent): void {
    if (event instanceof Message) {
      this.name(event.declaration.type);
      this.name(event.source);
    } else {
      this.name(event.constructor.name);
      this.#fields(event, depth);
    }
  }

  #fields(value: object, levels: number): void {
    for (const name in value) this.#value((value as Record<string, unknown>)[name], levels);
  }

  #value(value: unknown, levels: number): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.name(value);
    else if (typeof value === 'boolean') this.word(value ? 1 : 2);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (typeof value === 'object' && value !== null && levels > 0) {
      this.#fields(value, levels - 1);
    }
  }
}
