import { valueLimitBytes } from '@jbstore/client';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

import { UsageError } from './errors';
import type { Io } from './io';

/**
 * The value as typed, or of a file, or of standard input.
 * @throws {@link UsageError}
 */
export async function valueOf(
  value: string | undefined,
  file: string | undefined,
  io: Io,
): Promise<Uint8Array> {
  if (file !== undefined) {
    if (value !== undefined) throw new UsageError('VALUE and --file are both there: leave one out');
    return limited(createReadStream(file), file);
  }
  if (value === undefined || value === '-') return limited(io.stdin, 'standard input');
  return checkedValue(Buffer.from(value), 'VALUE');
}

/** Reads no more than shows that it is too much. */
async function limited(input: Readable, source: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > valueLimitBytes) break;
  }
  return checkedValue(Buffer.concat(chunks), source);
}

function checkedValue(value: Uint8Array, source: string): Uint8Array {
  if (value.length <= valueLimitBytes) return value;
  throw new UsageError(
    `${source} is too large: a value has at most ${valueLimitBytes} bytes (1 MiB); ` +
      'split it, and store the parts under keys of their own',
  );
}
