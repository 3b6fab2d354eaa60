import {
  Component,
  ComponentFault,
  Start,
  UnconnectedPortError,
  event,
  portType,
  type Context,
} from '@jbstore/core';
import { Harness, UnexpectedEventsError } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';

class Roll extends event('Roll') {
  constructor(readonly sides: number) {
    super();
  }
}
class Rolled extends event('Rolled') {
  constructor(readonly face: number) {
    super();
  }
}
class Lost extends event('Lost') {}
const Dice = portType('Dice', { requests: [Roll], indications: [Rolled, Lost] });

class Rest extends Timeout {}

/** Rolls a die when asked to, then rests; refuses a die without sides. */
class Table extends Component {
  readonly dice = this.provides(Dice);
  readonly timer = this.requires(Timer);

  constructor(context: Context) {
    super(context);
    const random = context.random('dice');

    this.control.upon(Start, () => {
      this.dice.next(new Lost());
    });

    this.dice.upon(Roll, ({ sides }) => {
      if (sides < 1) throw new RangeError('a die has sides');
      this.timer.next(new ScheduleTimeout(sides, new Rest()));
      this.dice.next(new Rolled(random.int(sides)));
    });

    this.timer.upon(Rest, () => {
      this.dice.next(new Lost());
    });
  }
}

function setUp(seed?: string) {
  const harness = new Harness(seed);
  const table = harness.create(Table);
  const dice = harness.clientOf(table.dice);
  const timer = harness.providerOf(table.timer);
  return { harness, table, dice, timer };
}

describe('Harness', () => {
  test('lets nothing happen but in a call', async () => {
    const { harness, dice } = setUp();
    expect(dice.take()).toStrictEqual([]);

    harness.start();
    expect(dice.take()).toStrictEqual([new Lost()]);

    harness.host.after(5, () => {
      throw new Error('time has passed by itself');
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.host.now()).toBe(0);
    expect(() => {
      harness.advance(5);
    }).toThrow('time has passed');
  });

  test('advance lets just so much time pass, settle none', () => {
    const harness = new Harness();
    const timer = harness.clientOf(harness.create(HostTimer).timer);
    harness.start();

    timer.trigger(new ScheduleTimeout(10, new Rest()));
    harness.advance(9);
    harness.settle();
    expect(timer.take()).toStrictEqual([]);

    harness.advance(1);
    timer.takeOne(Rest);
    expect(harness.host.now()).toBe(10);
  });

  test('throws what a handler throws, once, and knows whose it is', () => {
    const { harness, dice } = setUp();
    harness.start();

    const roll = (): void => {
      dice.trigger(new Roll(0));
    };

    expect(roll).toThrow(ComponentFault);
    expect(() => {
      harness.settle();
    }).not.toThrow();
  });

  test('refuses to start a component with a port that nothing provides', () => {
    const harness = new Harness();
    harness.create(Table);

    expect(() => {
      harness.start();
    }).toThrow(UnconnectedPortError);
  });

  test('a component that is stopped handles nothing until it is started again', () => {
    const { harness, dice } = setUp();
    harness.start();
    dice.take();

    harness.stop();
    dice.trigger(new Roll(6));
    expect(dice.take()).toStrictEqual([]);

    harness.start();
    expect(dice.takeAll(Rolled)).toHaveLength(1);
  });

  test('the same seed is the same chance, another seed another', () => {
    const faces = (seed: string): readonly number[] => {
      const { harness, dice } = setUp(seed);
      harness.start();
      for (let count = 0; count < 20; count += 1) dice.trigger(new Roll(1000));
      return dice.takeAll(Rolled).map(({ face }) => face);
    };

    expect(faces('one')).toStrictEqual(faces('one'));
    expect(faces('one')).not.toStrictEqual(faces('two'));
  });
});

describe('Probe', () => {
  test('stands in for clients and providers', () => {
    const { harness, dice, timer } = setUp();
    harness.start();
    dice.take();

    dice.trigger(new Roll(6));
    const { delayMs, timeout } = timer.takeOne(ScheduleTimeout);
    dice.takeOne(Rolled);
    timer.trigger(timeout);

    expect(delayMs).toBe(6);
    dice.takeOne(Lost);
  });

  test('take hands out each event once, oldest first', () => {
    const { harness, dice } = setUp();
    harness.start();
    dice.trigger(new Roll(1));

    expect(dice.take()).toStrictEqual([new Lost(), new Rolled(0)]);
    expect(dice.take()).toStrictEqual([]);
  });

  test('takeAll takes one class and keeps the others', () => {
    const { harness, dice } = setUp();
    harness.start();
    for (let count = 0; count < 3; count += 1) dice.trigger(new Roll(1));

    expect(dice.takeAll(Rolled)).toHaveLength(3);
    expect(dice.take()).toStrictEqual([new Lost()]);
  });

  test.each([
    ['something else came', 0, /expected one Rolled, but there came Lost/],
    ['more than one came', 2, /there came Rolled, Rolled/],
  ])('takeOne refuses when %s', (_case, rolls, text) => {
    const { harness, dice } = setUp();
    harness.start();
    if (rolls > 0) dice.takeOne(Lost);
    for (let count = 0; count < rolls; count += 1) dice.trigger(new Roll(1));

    const take = (): unknown => dice.takeOne(Rolled);

    expect(take).toThrow(text);
    expect(take).toThrow(UnexpectedEventsError);
    expect(take).toThrow('there came nothing');
  });
});
