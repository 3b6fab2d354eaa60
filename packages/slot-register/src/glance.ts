import { Epoch, Era } from '@jbstore/gms/port';
import { byteString, bytes, message } from '@jbstore/network/port';
import { z } from 'zod';

/** Which glance of the asking process a message belongs to. */
const phase = z.int().nonnegative();

/**
 * R1, from outside the group: what do you vote for in this epoch? Asked of a majority by who reads without being a
 * member; one of them is to say all, the others only the tag.
 */
export class GlanceMessage extends message('slot-register/Glance', {
  phase,
  epoch: Epoch,
  register: byteString({ maxBytes: 65_535 }),
  full: z.boolean(),
}) {}

/** The answer; without a tag, if the sender cannot tell (NONE), or is in another epoch. */
export class GlancedMessage extends message('slot-register/Glanced', {
  phase,
  tag: z.object({ ballot: z.int().nonnegative(), count: z.int().nonnegative() }).nullable(),
  /** Null if there is none, or if only the tag was asked for. */
  value: bytes().nullable(),
  version: z.int().nonnegative(),
  /** Of the view that the register had. */
  era: Era,
}) {}
