import { Start, Stop, type Control, type ProvidedPort, type RequiredPort } from '@jbstore/core';

import { CancelTimeout, SchedulePeriodicTimeout, type Timeout, type Timer } from './timer';

/** What of a component a {@link Beat} needs. */
export interface BeatOwner {
  readonly control: ProvidedPort<typeof Control>;
  readonly timer: RequiredPort<typeof Timer>;
}

/**
 * Passes time to what waits for it, and lets the timer rest while nothing does. Its component says {@link wake} when
 * something begins to wait; the beat finds out by itself when nothing does any more.
 */
export class Beat {
  readonly #timer: RequiredPort<typeof Timer>;
  readonly #Tick: new () => Timeout;
  readonly #periodMs: number;
  #tick: Timeout | undefined;

  /**
   * @param Tick - its timeouts, a class of its own: no other component on the timer gets these then
   * @param isWanted - whether something waits
   * @param pass - told every `periodMs`, and by how much that came too late
   */
  constructor(
    { control, timer }: BeatOwner,
    Tick: new () => Timeout,
    periodMs: number,
    isWanted: () => boolean,
    pass: (lateMs: number) => void,
  ) {
    this.#timer = timer;
    this.#Tick = Tick;
    this.#periodMs = periodMs;

    control.upon(Start, () => {
      if (isWanted()) this.wake();
    });

    control.upon(Stop, () => {
      this.#rest();
    });

    timer.upon(Tick, (tick) => {
      if (tick !== this.#tick) return; // Of another instance on the timer, or of a beat that is over.
      pass(tick.lateMs);
      if (!isWanted()) this.#rest();
    });
  }

  wake(): void {
    if (this.#tick) return;
    this.#tick = new this.#Tick();
    this.#timer.next(new SchedulePeriodicTimeout(this.#periodMs, this.#tick));
  }

  #rest(): void {
    if (!this.#tick) return;
    this.#timer.next(new CancelTimeout(this.#tick));
    this.#tick = undefined;
  }
}
