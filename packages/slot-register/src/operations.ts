import { bytes } from '@jbstore/network/port';
import { bytesOf, isSame, keep, type Kept } from '@jbstore/register/port';
import { z } from 'zod';

/** What a register must hold for a cas to succeed. */
export const Expected = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), value: bytes() }),
  z.object({ kind: z.literal('version'), version: z.int().positive() }),
  z.object({ kind: z.literal('absent') }),
]);
export type Expected = z.infer<typeof Expected>;

/** What can be done to a register besides reading it. */
export const Operation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('put'), value: bytes() }),
  z.object({ kind: z.literal('delete') }),
  z.object({ kind: z.literal('cas'), expected: Expected, value: bytes() }),
  /** The value is a whole number in decimal digits; where there is none, it counts as 0. */
  z.object({ kind: z.literal('increment'), by: z.int() }),
]);
export type Operation = z.infer<typeof Operation>;

/** How an operation went. */
export const Outcome = z.object({
  /**
   * False: a cas did not find what it expected, or an increment no whole number, or the sum is no safe
   * integer. Nothing was changed.
   */
  succeeded: z.boolean(),
  /**
   * Of a success, the version that it made: none if a delete found nothing. Of a failure, the version of the
   * value that it found: none if there was no value.
   */
  version: z.int().positive().optional(),
  /** The sum that an increment made. */
  value: z.int().optional(),
});
export type Outcome = z.infer<typeof Outcome>;

/**
 * What a register holds. No value: there never was one, or it was deleted, which nobody can tell apart. The
 * version counts the changes, and goes on over a deletion.
 */
export interface Contents {
  readonly value: Kept | undefined;
  readonly version: number;
}

/** What an operation makes of the contents of a register. */
export interface Effect extends Contents {
  readonly outcome: Outcome;
}

export function execute(contents: Contents, operation: Operation): Effect {
  switch (operation.kind) {
    case 'put':
      return changed(contents, keep(operation.value));
    case 'delete':
      return contents.value === undefined
        ? { ...contents, outcome: { succeeded: true } }
        : changed(contents, undefined);
    case 'cas':
      return isAsExpected(contents, operation.expected)
        ? changed(contents, keep(operation.value))
        : failed(contents);
    case 'increment': {
      const sum = numberIn(contents.value) + operation.by;
      if (!Number.isSafeInteger(sum)) return failed(contents);
      return changed(contents, keep(Buffer.from(String(sum))), sum);
    }
  }
}

function changed(before: Contents, value: Kept | undefined, sum?: number): Effect {
  const version = before.version + 1;
  const succeeded = true;
  const outcome = sum === undefined ? { succeeded, version } : { succeeded, version, value: sum };
  return { value, version, outcome };
}

/** Whoever finds no value is shown no version: it would tell what was deleted, and match nothing. */
function failed({ value, version }: Contents): Effect {
  const outcome = value === undefined ? { succeeded: false } : { succeeded: false, version };
  return { value, version, outcome };
}

function isAsExpected({ value, version }: Contents, expected: Expected): boolean {
  switch (expected.kind) {
    case 'value':
      return value !== undefined && isSame(value, keep(expected.value));
    case 'version':
      return value !== undefined && version === expected.version;
    case 'absent':
      return value === undefined;
  }
}

/** The number that `value` stands for; NaN if it stands for none. */
function numberIn(value: Kept | undefined): number {
  if (value === undefined) return 0;
  const text = typeof value === 'string' ? value : Buffer.from(bytesOf(value)).toString('latin1');
  return /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
}
