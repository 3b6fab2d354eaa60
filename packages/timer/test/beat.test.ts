import { Component, type Context } from '@jbstore/core';
import { Beat, Timeout, Timer } from '@jbstore/timer/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

class Tick extends Timeout {}

/** Something waits, or does not, as the test says. */
class Waiting extends Component {
  readonly timer = this.requires(Timer);
  readonly beat: Beat;
  waits = false;
  passed = 0;

  constructor(context: Context) {
    super(context);
    this.beat = new Beat(
      this,
      Tick,
      10,
      () => this.waits,
      () => {
        this.passed += 1;
      },
    );
  }
}

function setUp() {
  const harness = new Harness();
  const component = harness.create(Waiting);
  harness.create(HostTimer).timer.connect(component.timer);
  harness.start();
  const wait = (): void => {
    component.waits = true;
    component.beat.wake();
  };
  return { harness, component, wait };
}

describe('Beat', () => {
  test('passes time while something waits, and rests when nothing does', () => {
    const { harness, component, wait } = setUp();
    harness.advance(100);
    expect(component.passed).toBe(0);

    wait();
    wait();
    harness.advance(35);
    expect(component.passed).toBe(3);

    component.waits = false;
    harness.advance(100);
    expect(component.passed).toBe(4);

    wait();
    harness.advance(10);
    expect(component.passed).toBe(5);
  });

  test('goes on after a rest of its component if something waits still', () => {
    const { harness, component, wait } = setUp();
    wait();
    harness.advance(10);

    harness.stop();
    harness.advance(100);
    expect(component.passed).toBe(1);
    harness.start();
    harness.advance(10);
    expect(component.passed).toBe(2);
  });

  test('a timer that it shares with another one is no matter', () => {
    const harness = new Harness();
    const [one, other] = [harness.create(Waiting), harness.create(Waiting)];
    harness.create(HostTimer).timer.connect(one.timer, other.timer);
    harness.start();

    one.waits = true;
    one.beat.wake();
    harness.advance(20);

    expect([one.passed, other.passed]).toStrictEqual([2, 0]);
  });
});
