import { bytes } from '@jbstore/network/port';
import { z } from 'zod';

import { Ballot } from './ballot';

/** What an acceptor accepted, and in which ballot: Lamport's vrnd and vval. */
export const Vote = z.object({ ballot: Ballot, value: bytes() });
export type Vote = z.output<typeof Vote>;

/** A value as it is kept: what was received lies in the midst of a whole frame. */
export function kept(value: Uint8Array): Uint8Array {
  return Uint8Array.from(value);
}

export function isSameValue(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
