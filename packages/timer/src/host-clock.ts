import { Component, type Context } from '@jbstore/core';

import { TellTime, Time, WallClock } from './port';

/** Implements {@link WallClock} on the host of its system: that of the machine, or a virtual one in tests. */
export class HostClock extends Component {
  readonly clock = this.provides(WallClock);

  constructor(context: Context) {
    super(context);

    this.clock.upon(TellTime, (question) => {
      this.clock.answer(question, new Time(context.host.wallTimeMs()));
    });
  }
}
