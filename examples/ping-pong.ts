/** Two components, one port type between them: the smallest assembly there is. */
import { Component, Start, System, event, portType, type Context } from '@jbstore/core';

class Ping extends event('Ping') {
  constructor(readonly round: number) {
    super();
  }
}

class Pong extends event('Pong') {
  constructor(readonly round: number) {
    super();
  }
}

const PingPong = portType('PingPong', { requests: [Ping], indications: [Pong] });

class Ponger extends Component {
  readonly pingPong = this.provides(PingPong);

  constructor(context: Context) {
    super(context);

    this.pingPong.upon(Ping, ({ round }) => {
      console.log(`ping ${String(round)}`);
      this.pingPong.next(new Pong(round));
    });
  }
}

class Pinger extends Component {
  readonly pingPong = this.requires(PingPong);

  constructor(context: Context, rounds: number, done: () => void) {
    super(context);

    this.control.upon(Start, () => {
      this.pingPong.next(new Ping(1));
    });

    this.pingPong.upon(Pong, ({ round }) => {
      console.log(`pong ${String(round)}`);
      if (round < rounds) this.pingPong.next(new Ping(round + 1));
      else done();
    });
  }
}

async function main(): Promise<void> {
  await using system = new System('example');
  await new Promise<void>((done, failed) => {
    const ponger = system.create(Ponger);
    const pinger = system.create(Pinger, 3, done);
    ponger.pingPong.connect(pinger.pingPong);
    system.start().catch(failed);
  });
}

void main();
