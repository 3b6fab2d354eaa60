import { byteString } from '@jbstore/network/port';
import { z } from 'zod';

/** When a session was opened, in generations: rough, and used only to forget what is long over. */
export const Generation = z
  .int()
  .nonnegative()
  .max(2 ** 32 - 1);

/** One client in one stretch of its life. Nobody registers it: 96 bits of chance are its own. */
export const SessionId = z.object({
  generation: Generation,
  chance: byteString({ minBytes: 12, maxBytes: 12 }),
});
export type SessionId = z.infer<typeof SessionId>;

/**
 * One request of a session, whoever carries it and how often. The session counts its requests up from 1, and
 * has at most one under way for each register.
 */
export const RequestId = z.object({ session: SessionId, sequence: z.int().positive() });
export type RequestId = z.infer<typeof RequestId>;

/** Orders sessions by generation first: less than 0 if `one` comes before `other`. */
export function compareSessions(one: SessionId, other: SessionId): number {
  if (one.generation !== other.generation) return one.generation - other.generation;
  if (one.chance === other.chance) return 0;
  return one.chance < other.chance ? -1 : 1;
}
