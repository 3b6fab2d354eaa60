import { Component, Stop, invariant, type Context } from '@jbstore/core';

import { CancelTimeout, SchedulePeriodicTimeout, ScheduleTimeout, Timeout, Timer } from './port';

/**
 * Implements {@link Timer} on the host of its system: real time in production, virtual in tests.
 *
 * When it is stopped or killed it takes back all that was pending. A timeout that is asked for again
 * counts from then on: one instance fires once.
 */
export class HostTimer extends Component {
  readonly timer = this.provides(Timer);

  readonly #context: Context;
  readonly #cancels = new Map<Timeout, () => void>();

  constructor(context: Context) {
    super(context);
    this.#context = context;

    this.timer.upon(ScheduleTimeout, ({ delayMs, timeout }) => {
      invariant(!Number.isNaN(delayMs), 'a delay is a number of milliseconds');
      this.#schedule(timeout, delayMs, () => {
        this.#cancels.delete(timeout);
      });
    });

    this.timer.upon(SchedulePeriodicTimeout, ({ periodMs, timeout }) => {
      invariant(periodMs > 0, 'a period takes some milliseconds');
      this.#repeat(timeout, periodMs);
    });

    this.timer.upon(CancelTimeout, ({ timeout }) => {
      this.#cancel(timeout);
    });

    this.control.upon(Stop, () => {
      this.#cancelAll();
    });

    context.onRelease(() => {
      this.#cancelAll();
    });
  }

  #schedule(timeout: Timeout, delayMs: number, fired: () => void): void {
    this.#cancel(timeout);
    const { host } = this.#context;
    const dueMs = host.now() + delayMs;
    const fire = this.#context.edge(() => {
      fired();
      Timeout.late(timeout, Math.max(0, host.now() - dueMs));
      this.timer.next(timeout);
    });
    this.#cancels.set(timeout, host.after(delayMs, fire));
  }

  /** Each period counts from when the one before was due, so that lateness does not add up. */
  #repeat(timeout: Timeout, periodMs: number, delayMs = periodMs): void {
    const dueMs = this.#context.host.now() + delayMs;
    this.#schedule(timeout, delayMs, () => {
      const lateMs = this.#context.host.now() - dueMs;
      this.#repeat(timeout, periodMs, periodMs - (lateMs % periodMs));
    });
  }

  #cancel(timeout: Timeout): void {
    this.#cancels.get(timeout)?.();
    this.#cancels.delete(timeout);
  }

  #cancelAll(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
