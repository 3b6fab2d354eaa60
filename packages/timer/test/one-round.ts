import { Component, Start, System, type Context } from '@jbstore/core';
import { HostTimer, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer';

class RoundOver extends Timeout {}

class Rounds extends Component {
  readonly timer = this.requires(Timer);

  constructor(context: Context, finished: (lateMs: number) => void) {
    super(context);
    const roundOver = new RoundOver();
    this.control.upon(Start, () => {
      this.timer.next(new ScheduleTimeout(10, roundOver));
    });
    this.timer.upon(RoundOver, (timeout) => {
      if (timeout === roundOver) finished(timeout.lateMs);
    });
  }
}

export async function oneRound(): Promise<number> {
  await using system = new System('example');
  return await new Promise((resolve, reject) => {
    system.create(HostTimer).timer.connect(system.create(Rounds, resolve).timer);
    system.start().catch(reject);
  });
}
