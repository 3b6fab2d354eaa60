import { event, portType, request } from '@jbstore/core';

/**
 * What comes back when a delay has passed. Subclass it, so that a component has a handler per purpose:
 * `class RoundOver extends Timeout {}`. A timer that is shared indicates it to all its clients, so
 * two instances of one component compare the instance with the one that they asked for.
 */
export class Timeout extends event('Timeout') {
  #lateMs = 0;

  /** How many milliseconds too late it came: large when the event loop had been stalled. */
  get lateMs(): number {
    return this.#lateMs;
  }

  /** For providers of {@link Timer}: says, before it is triggered, how late it is. */
  static late(timeout: Timeout, lateMs: number): void {
    timeout.#lateMs = lateMs;
  }
}

/**
 * Asks for `timeout`, the very instance, once `delayMs` milliseconds have passed; at once, but not in
 * the same turn, if that is not more than 0.
 */
export class ScheduleTimeout extends event('ScheduleTimeout') {
  constructor(
    readonly delayMs: number,
    readonly timeout: Timeout,
  ) {
    super();
  }
}

/**
 * Asks for `timeout`, the very instance, every `periodMs` milliseconds (more than 0) until it is
 * cancelled. Periods that passed while the event loop was stalled are skipped, not made up for.
 */
export class SchedulePeriodicTimeout extends event('SchedulePeriodicTimeout') {
  constructor(
    readonly periodMs: number,
    readonly timeout: Timeout,
  ) {
    super();
  }
}

/** Takes `timeout` back. Has no effect once it fired, or if nobody asked for it. */
export class CancelTimeout extends event('CancelTimeout') {
  constructor(readonly timeout: Timeout) {
    super();
  }
}

/**
 * The only source of time in a component.
 *
 * - **TIM1, no creation** [always]: a timeout is indicated only if it was scheduled and not cancelled.
 * - **TIM2, never early** [always]: not before its delay has passed.
 * - **TIM3, eventual** [while started]: it is indicated at last; once, or once a period.
 */
export const Timer = portType('Timer', {
  requests: [ScheduleTimeout, SchedulePeriodicTimeout, CancelTimeout],
  indications: [Timeout],
});

/** The answer to {@link TellTime}. */
export class Time extends event('Time') {
  /** @param epochMs - milliseconds since 1970 (UTC) */
  constructor(readonly epochMs: number) {
    super();
  }
}

/** Asks what time it is. */
export class TellTime extends request('TellTime', Time) {}

/**
 * The clock on the wall: roughly the same everywhere, now and after a restart, which no {@link Timer} is.
 * It may be wrong by any amount, and may go back: what is promised must not depend on it.
 *
 * - **WCL1, an answer** [while started]: who asks is told a time, once, and nobody else is.
 */
export const WallClock = portType('WallClock', { requests: [TellTime], indications: [Time] });
