import { Address } from '@jbstore/network/port';
import { z } from 'zod';

export const GroupMembershipInit = z.object({
  self: Address,
  /** How often what was not answered is sent again. */
  retransmitMs: z.number().positive().default(1_000),
});
export type GroupMembershipInit = z.input<typeof GroupMembershipInit>;
