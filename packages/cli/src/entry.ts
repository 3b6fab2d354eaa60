import { keyLimitBytes, valueLimitBytes } from '@jbstore/client';

/** A key and its value, of any bytes. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * An entry as text formats write it: bytes that are UTF-8 as they read, others in base64. Each of key and
 * value is there under exactly one of its two names.
 */
export interface TextEntry {
  readonly key?: string;
  readonly key64?: string;
  readonly value?: string;
  readonly value64?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text whose UTF-8 form `bytes` are; undefined if there is none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** The bytes that `text` is the base64 form of; undefined if it is none. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

export function keyFields(key: Uint8Array): Pick<TextEntry, 'key' | 'key64'> {
  const text = textOf(key);
  return text === undefined ? { key64: base64Of(key) } : { key: text };
}

export function valueFields(value: Uint8Array): Pick<TextEntry, 'value' | 'value64'> {
  const text = textOf(value);
  return text === undefined ? { value64: base64Of(value) } : { value: text };
}

/** The entry that `fields` stand for, or in words what is wrong with them. */
export function entryOf(fields: TextEntry): Entry | string {
  const key = bytesOf('key', fields.key, fields.key64);
  if (typeof key === 'string') return key;
  if (key.length === 0) return 'the key is empty: a key has 1 to 1024 bytes';
  if (key.length > keyLimitBytes) {
    return `the key has ${key.length} bytes: a key has at most ${keyLimitBytes}`;
  }
  const value = bytesOf('value', fields.value, fields.value64);
  if (typeof value === 'string') return value;
  if (value.length > valueLimitBytes) {
    return `the value has ${value.length} bytes: a value has at most ${valueLimitBytes} (1 MiB)`;
  }
  return { key, value };
}

function bytesOf(
  name: 'key' | 'value',
  text: string | undefined,
  base64: string | undefined,
): Uint8Array | string {
  if (text !== undefined && base64 !== undefined) {
    return `${name} and ${name}64 are both there: leave one out`;
  }
  if (text !== undefined) {
    const bytes = Buffer.from(text);
    // Half of a surrogate pair has no UTF-8 form; it would be stored as something else.
    return bytes.toString() === text ? bytes : `${name} is no valid Unicode text: use ${name}64`;
  }
  if (base64 === undefined) return `${name} is missing: give ${name} or ${name}64`;
  return bytesOfBase64(base64) ?? `${name}64 is no base64`;
}
