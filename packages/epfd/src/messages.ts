import { bytes, message } from '@jbstore/network/port';
import { z } from 'zod';

/** Heartbeats go to everybody all the time, so what rides on them is short. */
export const longestNewsBytes = 1_024;

/** The newest news of the sender, by topic. */
const news = z.record(z.string(), bytes({ maxBytes: longestNewsBytes }));

/** Asks whether the destination lives. Answered at once. */
export class HeartbeatRequest extends message('epfd/HeartbeatRequest', {
  /** Which request of this sender to this destination it is. */
  sequence: z.int().nonnegative(),
  news,
}) {}

/** The destination of a {@link HeartbeatRequest} lives. */
export class HeartbeatReply extends message('epfd/HeartbeatReply', {
  /** That of the request. */
  sequence: z.int().nonnegative(),
  news,
}) {}
