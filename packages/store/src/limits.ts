/** A key has 1 to this many bytes. */
export const keyLimitBytes = 1024;

/** A value has at most this many bytes: 1 MiB. */
export const valueLimitBytes = 1024 * 1024;

/** A node takes at most so much time for a request, in milliseconds: a day. */
export const longestTimeoutMs = 86_400_000;

/** So many milliseconds since 1970 make a generation of sessions. */
export const generationMs = 300_000;

/** What is wrong with the size of `key`; undefined if nothing is. */
export function flawOfKey({ length }: Uint8Array): string | undefined {
  if (length >= 1 && length <= keyLimitBytes) return undefined;
  return `a key has 1 to ${String(keyLimitBytes)} bytes, not ${String(length)}`;
}

/** What is wrong with the size of `value`; undefined if nothing is. */
export function flawOfValue({ length }: Uint8Array): string | undefined {
  if (length <= valueLimitBytes) return undefined;
  return `a value has at most ${String(valueLimitBytes)} bytes, not ${String(length)}`;
}
