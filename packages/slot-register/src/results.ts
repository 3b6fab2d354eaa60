import { Packing } from '@jbstore/network/port';
import { z } from 'zod';

import { Outcome } from './operations';
import { SessionId } from './session';

/** The newest request of one session that a register has executed, and how it went. */
const Result = z.object({ session: SessionId, sequence: z.int().positive(), outcome: Outcome });
export type Result = z.infer<typeof Result>;

/**
 * The results of a register, one for each session, in the order of sessions. A record holds them packed: most
 * processes only keep them and send them on, and only who builds on the record looks at them.
 */
export const Results = new Packing('results', z.array(Result).readonly());

export const noResults = Results.pack([]);

/** The newest generation of which there is one among `results`, packed; 0 if there is none. */
export function newestGenerationIn(results: string): number {
  return Results.unpack(results).at(-1)?.session.generation ?? 0;
}
