import { z } from 'zod';

import { Address, ProcessId, unitOf } from './address';

/** Processes talk to one another only if they agree on this. */
export const protocolVersion = 1;

const introduction = {
  protocol: z.int(),
  clusterId: z.string().max(256),
  id: ProcessId,
  /** Another one after each start of the process. */
  incarnation: z.string().min(1).max(128),
  /** Where the process can be dialled, if anywhere. */
  address: Address.refine((at) => unitOf(at) === undefined, 'a process introduces itself, no unit'),
};

const count = z
  .int()
  .nonnegative()
  .max(2 ** 48 - 1);
const counts = z.object({ normal: count, priority: count });
const sessionId = z.string().min(1).max(64);

/** The first text on a connection, from the process that accepted it: who answers here. */
export const Greeting = z.strictObject({ kind: z.literal('greeting'), ...introduction });
export type Greeting = z.infer<typeof Greeting>;

/** The answer of the process that dialled. */
export const Hello = z.strictObject({
  kind: z.literal('hello'),
  ...introduction,
  /** Whom it wants to talk to. */
  expected: ProcessId,
  /** The session to go on with; a name for a new one, if it is not established. */
  session: sessionId,
  established: z.boolean(),
  /** What it received in this session. */
  received: counts,
  /** Counts what this process has dialled, so that a late Hello is recognized. */
  dial: count,
});
export type Hello = z.infer<typeof Hello>;

/** The connection stands. */
export const Welcome = z.strictObject({
  kind: z.literal('welcome'),
  incarnation: introduction.incarnation,
  /** The session that both are in now; another one than in the Hello has just begun. */
  session: sessionId,
  /** What the welcoming process received in this session. */
  received: counts,
  /** What this process has dialled up to now: a Hello of its own with this number or less is late. */
  dials: count,
});
export type Welcome = z.infer<typeof Welcome>;

/** The connection does not come about. */
export const Refuse = z.strictObject({
  kind: z.literal('refuse'),
  code: z.enum([
    'ERR_WRONG_PROCESS',
    'ERR_FOREIGN_CLUSTER',
    'ERR_PROTOCOL_VERSION',
    'ERR_REFUSED',
    // Another dial has won, or follows: no reason to give up.
    'ERR_CROSSED',
    'ERR_STALE',
  ]),
  text: z.string().max(1024),
});
export type Refuse = z.infer<typeof Refuse>;

export const Handshake = z.discriminatedUnion('kind', [Greeting, Hello, Welcome, Refuse]);
export type Handshake = z.infer<typeof Handshake>;

/** A handshake is longer than this only if it is none. */
export const handshakeBytes = 4096;
