import { keyLimitBytes } from '@jbstore/client';

import { bytesOfBase64, textOf } from './entry';
import { UsageError } from './errors';

/**
 * The bytes of a key as typed.
 * @param base64 - it was typed in base64
 * @throws {@link UsageError}
 */
export function checkedKey(typed: string, base64: boolean | undefined): Uint8Array {
  const key = base64 ? bytesOfBase64(typed) : Buffer.from(typed);
  if (key === undefined) throw new UsageError(`${JSON.stringify(typed)} is no base64`);
  if (key.length >= 1 && key.length <= keyLimitBytes) return key;
  const problem =
    key.length === 0
      ? 'KEY is empty'
      : `KEY is too long: it has ${key.length} bytes (as UTF-8, if it is text)`;
  throw new UsageError(`${problem}; a key has 1 to ${keyLimitBytes} bytes`);
}

/** A key on one line, for people; what cannot be shown is escaped, as is the backslash. */
export function shownKey(key: Uint8Array): string {
  const text = textOf(key);
  if (text === undefined) {
    return Array.from(key, (byte) => shownByte(byte)).join('');
  }
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\\]/gu, (character) =>
    character === '\\' ? '\\\\' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function shownByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === '\\') return '\\\\';
  return byte > 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
