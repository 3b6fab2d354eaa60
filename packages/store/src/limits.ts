/** A key has 1 to this many bytes. */
export const keyLimitBytes = 1024;

/** A value has at most this many bytes: 1 MiB. */
export const valueLimitBytes = 1024 * 1024;

/** A node takes at most so much time for a request, in milliseconds: a day. */
export const longestTimeoutMs = 86_400_000;
