import { z } from 'zod';

export const FrontEndInit = z.object({
  /** How long a request waits for its answer, unless it says so itself. */
  timeoutMs: z.number().positive().default(5_000),
  /** How long a member may be silent before another one is asked too, and later requests avoid it. */
  attemptMs: z.number().positive().default(500),
  /** How long to wait after a refusal; doubled up to sixteen times that. */
  retryMs: z.number().positive().default(25),
  /** How often deadlines are looked at. */
  tickMs: z.number().positive().default(10),
  /** Gets of exactly-once registers are read by this process itself; if not, a member reads for it. */
  glances: z.boolean().default(true),
  /** The most requests at one time; more fail. */
  mostCalls: z.int().positive().default(100_000),
});
export type FrontEndInit = z.input<typeof FrontEndInit>;
