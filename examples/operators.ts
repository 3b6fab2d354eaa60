/** Ports are RxJS subjects: an Observable feeds one, and operators read another. */
import { Component, System, event, portType, type Context } from '@jbstore/core';
import { bufferCount, filter, from, map, take } from 'rxjs';

class Measured extends event('Measured') {
  constructor(readonly celsius: number) {
    super();
  }
}

class Warned extends event('Warned') {
  constructor(readonly celsius: number) {
    super();
  }
}

const Thermometer = portType('Thermometer', { requests: [Measured], indications: [Warned] });

/** Warns of every measurement above a limit. */
class Alarm extends Component {
  readonly thermometer = this.provides(Thermometer);

  constructor(context: Context, limitCelsius: number) {
    super(context);

    this.thermometer.upon(Measured, ({ celsius }) => {
      if (celsius > limitCelsius) this.thermometer.next(new Warned(celsius));
    });
  }
}

async function main(): Promise<void> {
  await using system = new System('example');
  const alarm = system.create(Alarm, 30);
  const thermometer = system.clientOf(alarm.thermometer);

  // What arrives at a port is an Observable of its indications.
  const pairs = thermometer.pipe(
    filter((indication) => indication instanceof Warned),
    map(({ celsius }) => celsius),
    bufferCount(2),
    take(2),
  );
  const done = new Promise<void>((complete) => {
    pairs.subscribe({
      next: (pair) => {
        console.log('two warnings:', pair.join(' and '));
      },
      complete,
    });
  });
  await system.start();

  // A port is an Observer of its requests.
  from([21, 35, 29, 31, 40, 12, 33])
    .pipe(map((celsius) => new Measured(celsius)))
    .subscribe(thermometer);
  await done;
}

void main();
