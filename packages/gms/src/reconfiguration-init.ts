import { Address } from '@jbstore/network/port';
import { z } from 'zod';

import { mostSlots } from './position';

export const ReconfigurationInit = z.object({
  self: Address,
  /** How often the leader looks at what there is to change. */
  planMs: z.number().positive().default(100),
  /** How long a member must have been suspected without a break before it is evicted. */
  graceMs: z.number().nonnegative().default(10_000),
  /** How long a joiner is expected to ask again. */
  joinMs: z.number().positive().default(5_000),
  /** How many slots may be on the move at one time. */
  mostMoving: z.int().positive().default(1_024),
  /** Slots that would lose tombstones with another epoch are gathered for so long, so that one view serves them all. */
  refreshMs: z.number().nonnegative().default(60_000),
  /** Q, into how many slots the ring of a new cluster is cut, a power of two; else as many as it needs. */
  slotCount: z
    .int()
    .positive()
    .max(mostSlots)
    .refine((count) => (count & (count - 1)) === 0, 'the number of slots is a power of two')
    .optional(),
  /** The first view stays, as that of registers does which are not exactly-once. */
  keepsFirstView: z.boolean().default(false),
});
export type ReconfigurationInit = z.input<typeof ReconfigurationInit>;
