import { Component, Start, type Context } from '@jbstore/core';
import { Network } from '@jbstore/network/port';
import { Prune, RewritableRegister } from '@jbstore/slot-register/port';
import {
  SchedulePeriodicTimeout,
  TellTime,
  Time,
  Timeout,
  Timer,
  WallClock,
} from '@jbstore/timer/port';
import { z } from 'zod';

import { generationMs } from './limits';
import { OpenReply, OpenRequest } from './messages';

export const SessionKeeperInit = z.object({
  /** How long a session lasts: for so long at least it is known what was done in it. */
  sessionLifetimeMs: z
    .number()
    .min(2 * generationMs)
    .default(3_600_000),
  /** How often the clock is looked at. */
  clockMs: z.number().positive().default(10_000),
});
export type SessionKeeperInit = z.input<typeof SessionKeeperInit>;

class LookAtClock extends Timeout {}

/**
 * Opens sessions for front ends, by the clock on the wall, and has the registers of this node forget those that
 * are over: nobody registers a session, and nobody keeps it alive (protocol 4.4, "Sessions").
 *
 * Where the clocks of nodes are wrong, sessions end too early or too late, and that is all.
 *
 * Uses the network, a clock, a timer and a rewritable register.
 */
export class SessionKeeper extends Component {
  readonly network = this.requires(Network);
  readonly register = this.requires(RewritableRegister);
  readonly clock = this.requires(WallClock);
  readonly timer = this.requires(Timer);

  /** What is opened now; undefined until the clock was looked at. */
  #generation: number | undefined;

  constructor(context: Context, init: SessionKeeperInit = {}) {
    super(context);
    const { sessionLifetimeMs: lifetimeMs, clockMs } = SessionKeeperInit.parse(init);
    const lifetime = Math.ceil(lifetimeMs / generationMs);
    const opened = context.counter('store.sessions');

    this.control.upon(Start, () => {
      this.clock.next(new TellTime());
      this.timer.next(new SchedulePeriodicTimeout(clockMs, new LookAtClock()));
    });

    this.timer.upon(LookAtClock, () => {
      this.clock.next(new TellTime());
    });

    this.clock.upon(Time, ({ epochMs }) => {
      this.#generation = generationAt(epochMs);
      this.register.next(new Prune(generationAt(epochMs - lifetimeMs), lifetime));
    });

    this.network.upon(OpenRequest, ({ source }) => {
      if (this.#generation === undefined) return;
      opened.add();
      this.network.next(new OpenReply(source, { generation: this.#generation, lifetimeMs }));
    });
  }
}

/** A clock may show any time: generations begin in 1970, and have 32 bits. */
function generationAt(epochMs: number): number {
  return Math.min(Math.max(0, Math.floor(epochMs / generationMs)), 2 ** 32 - 1);
}
