import { z } from 'zod';

import { ProcessId } from './address';

const place = z.object({ host: z.string().min(1), port: z.int().min(0).max(65535) });
const periodMs = z.int().positive();
const amount = z.int().positive();
const mebibyte = 1024 * 1024;

/** What a {@link WebSocketNetwork} is created with. */
export const WebSocketNetworkInit = z.object({
  /** This process. */
  id: ProcessId,
  /** Only processes with the same one talk to one another. */
  clusterId: z.string().min(1).max(256),
  /** Tells this start of the process from earlier ones; drawn by chance unless given. */
  incarnation: z.string().min(1).max(128).optional(),
  /** Where to accept connections: port 0 takes any that is free. Left out by clients. */
  listen: place.optional(),
  /** Where others reach this process, if that is not where it listens. */
  advertise: place.optional(),

  /** How long opening a connection, and its handshake, may take. */
  handshakeMs: periodMs.default(5_000),
  /** A connection on which nothing came for so long is asked for a sign of life. */
  pingAfterMs: periodMs.default(2_000),
  /** A connection on which nothing came for so long is given up. */
  silenceMs: periodMs.default(6_000),
  /** Without a connection for so long, a session ends. */
  outageMs: periodMs.default(30_000),
  /** The time before the second attempt to dial; doubled before each further one, less some chance. */
  redialMs: periodMs.default(50),
  longestRedialMs: periodMs.default(2_000),
  /** How often acknowledgements, signs of life and time limits are looked after. */
  tickMs: periodMs.default(100),
  /** How long a connection may take to close. */
  closeMs: periodMs.default(1_000),

  /** Messages for one process that may wait for acknowledgement; with one more the session ends. */
  queuedMessages: amount.default(100_000),
  queuedBytes: amount.default(64 * mebibyte),
  /** From so many on, the queue for a process is called congested; relieved, below half of it. */
  congestedMessages: amount.default(25_000),
  congestedBytes: amount.default(16 * mebibyte),
  /** What one message may have. */
  messageBytes: amount.default(4 * mebibyte),
  /** A frame of this size takes no further message. */
  frameBytes: amount.default(256 * 1024),
  /** While so much waits in a socket, no further frame is put there: the priority lane can overtake. */
  socketBytes: amount.default(512 * 1024),
});
export type WebSocketNetworkInit = z.input<typeof WebSocketNetworkInit>;

/** With its defaults. */
export type Settings = z.output<typeof WebSocketNetworkInit>;
