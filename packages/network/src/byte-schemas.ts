import { z } from 'zod';

import { type Field } from './field';
import { BytesField, ByteStringField } from './text-fields';

/** How many bytes there may be, both ends included. */
export interface ByteLimits {
  readonly minBytes?: number;
  readonly maxBytes?: number;
}

/** How bytes lie on the wire, by the predicate of their schema: it survives brands and refinements. */
const byteFields = new WeakMap<object, Field>();

/**
 * Bytes in a message. What is received is a view of the frame it came in, made without copying, and
 * keeps all of that frame in memory: who keeps the bytes for longer copies them.
 */
export function bytes(limits: ByteLimits = {}): z.ZodCustom<Uint8Array, Uint8Array> {
  const { minBytes = 0, maxBytes = Infinity } = limits;
  const fits = (value: unknown): boolean =>
    value instanceof Uint8Array && value.length >= minBytes && value.length <= maxBytes;
  byteFields.set(fits, new BytesField(minBytes, maxBytes));
  return z.custom<Uint8Array>(fits, `expected ${described(minBytes, maxBytes)}`);
}

/**
 * Bytes as a string, one character in U+0000..U+00FF each (latin1): cheap as a key of a `Map`.
 */
export function byteString(limits: ByteLimits = {}): z.ZodCustom<string, string> {
  const { minBytes = 0, maxBytes = Infinity } = limits;
  const fits = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.length >= minBytes &&
    value.length <= maxBytes &&
    isByteString(value);
  byteFields.set(fits, new ByteStringField(minBytes, maxBytes));
  return z.custom<string>(fits, `expected a string of ${described(minBytes, maxBytes)}`);
}

/** A byte string that `fits` judges, and that `field` carries. */
export function byteStringIn(
  fits: (value: unknown) => boolean,
  field: Field,
): z.ZodCustom<string, string> {
  byteFields.set(fits, field);
  return z.custom<string>(fits, 'expected packed values');
}

/** How what one of these functions declared lies on the wire; undefined of any other predicate. */
export function byteFieldOf(predicate: object): Field | undefined {
  return byteFields.get(predicate);
}

/** True if every character of `text` stands for one byte. */
export function isByteString(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0xff) return false;
  }
  return true;
}

function described(minBytes: number, maxBytes: number): string {
  if (minBytes === maxBytes) return `${minBytes} bytes`;
  if (maxBytes === Infinity) return minBytes === 0 ? 'bytes' : `at least ${minBytes} bytes`;
  return `${minBytes} to ${maxBytes} bytes`;
}
