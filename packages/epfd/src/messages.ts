import { message } from '@jbstore/network/port';
import { z } from 'zod';

/** Asks whether the destination lives. Answered at once. */
export class HeartbeatRequest extends message('epfd/HeartbeatRequest', {
  /** Which request of this sender to this destination it is. */
  sequence: z.int().nonnegative(),
}) {}

/** The destination of a {@link HeartbeatRequest} lives. */
export class HeartbeatReply extends message('epfd/HeartbeatReply', {
  /** That of the request. */
  sequence: z.int().nonnegative(),
}) {}
