// Copied into the folder of packed.test.ts as an ECMAScript module and as a CommonJS module.
import { Component, Start, System, event, portType, type Context } from '@jbstore/core';
import { HostTimer, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer';

class Greet extends event('Greet') {
  constructor(readonly name: string) {
    super();
  }
}

class Greeted extends event('Greeted') {
  constructor(readonly text: string) {
    super();
  }
}

const Greeter = portType('Greeter', { requests: [Greet], indications: [Greeted] });

class GreetingDue extends Timeout {
  constructor(readonly name: string) {
    super();
  }
}

class LateGreeter extends Component {
  readonly greeter = this.provides(Greeter);
  readonly timer = this.requires(Timer);

  #greeting = 'nothing';

  constructor(context: Context) {
    super(context);

    this.control.upon(Start, () => {
      this.#greeting = 'hello';
    });

    this.greeter.upon(Greet, ({ name }) => {
      this.timer.next(new ScheduleTimeout(1, new GreetingDue(name)));
    });

    this.timer.upon(GreetingDue, ({ name }) => {
      this.greeter.next(new Greeted(`${this.#greeting} ${name}`));
    });
  }
}

async function main(): Promise<void> {
  await using system = new System('packed');
  const greeter = system.create(LateGreeter);
  system.create(HostTimer).timer.connect(greeter.timer);
  const end = system.clientOf(greeter.greeter);
  await system.start();

  const text = await new Promise<string>((resolve) => {
    end.upon(Greeted, (greeted) => {
      resolve(greeted.text);
    });
    end.next(new Greet('world'));
  });
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
