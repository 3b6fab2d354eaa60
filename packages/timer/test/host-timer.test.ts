import { Kill, Start, Stop, System, VirtualHost, realHost, type Host } from '@jbstore/core';
import {
  CancelTimeout,
  Deadlines,
  HostTimer,
  SchedulePeriodicTimeout,
  ScheduleTimeout,
  Timeout,
} from '@jbstore/timer';
import fc from 'fast-check';

class RoundOver extends Timeout {}

function setUp(host: VirtualHost = new VirtualHost()) {
  const system = new System('p', { host });
  const component = system.create(HostTimer);
  const timer = system.clientOf(component.timer);
  const control = system.clientOf(component.control);
  const fired: { timeout: Timeout; atMs: number }[] = [];
  timer.subscribe((timeout) => fired.push({ timeout, atMs: host.now() }));
  void system.start();
  host.advance(0);
  const times = (): number[] => fired.splice(0).map(({ atMs }) => atMs);
  return { host, system, timer, control, fired, times };
}

test('TIM1: a timeout is indicated only if it was scheduled and not cancelled', () => {
  const { host, timer, fired } = setUp();
  const [kept, cancelled, stranger] = [new RoundOver(), new RoundOver(), new RoundOver()];

  timer.next(new ScheduleTimeout(10, kept));
  timer.next(new ScheduleTimeout(10, cancelled));
  timer.next(new CancelTimeout(cancelled));
  timer.next(new CancelTimeout(stranger));
  host.advance(100);
  timer.next(new CancelTimeout(kept));
  host.advance(100);

  expect(fired.map(({ timeout }) => timeout)).toStrictEqual([kept]);
  expect(fired[0]?.timeout).toBe(kept);
});

test('TIM2, TIM3: once each, at its time, in the order of time', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 50 }), { maxLength: 20 }), (delays) => {
      const { host, timer, times } = setUp();

      for (const delayMs of delays) timer.next(new ScheduleTimeout(delayMs, new Timeout()));
      host.advance(100);

      const due = delays.map((delayMs) => Math.max(0, delayMs));
      expect(times()).toStrictEqual(due.sort((one, other) => one - other));
    }),
  );
});

test('a timeout that is asked for again counts from then on, and fires once', () => {
  const { host, timer, times } = setUp();
  const timeout = new Timeout();

  timer.next(new ScheduleTimeout(10, timeout));
  host.advance(9);
  timer.next(new ScheduleTimeout(10, timeout));
  host.advance(100);

  expect(times()).toStrictEqual([19]);
});

test('a periodic timeout comes every period until it is cancelled', () => {
  const { host, timer, times } = setUp();
  const timeout = new Timeout();

  timer.next(new SchedulePeriodicTimeout(10, timeout));
  host.advance(35);
  timer.next(new CancelTimeout(timeout));
  host.advance(100);

  expect(times()).toStrictEqual([10, 20, 30]);
});

/** Virtual time in which the event loop stalls: tasks come late by `stallMs`. */
class StallingHost extends VirtualHost {
  stallMs = 0;

  override after(delayMs: number, task: () => void): () => void {
    return super.after(delayMs + (delayMs > 0 ? this.stallMs : 0), task);
  }
}

test('lateMs says how much too late; periods missed in a stall are skipped, and the beat is kept', () => {
  const host = new StallingHost();
  const { timer, fired } = setUp(host);

  host.stallMs = 25;
  timer.next(new SchedulePeriodicTimeout(10, new Timeout()));
  host.advance(1);
  host.stallMs = 0;
  host.advance(34);
  expect(fired.map(({ atMs, timeout }) => [atMs, timeout.lateMs])).toStrictEqual([[35, 25]]);
  host.advance(20);

  expect(fired.map(({ atMs }) => atMs)).toStrictEqual([35, 40, 50]);
});

test('Deadlines that tick with a periodic timeout tell the time, however late the ticks are', () => {
  const host = new StallingHost();
  const { timer, fired } = setUp(host);
  const deadlines = new Deadlines<string>();

  timer.next(new SchedulePeriodicTimeout(10, new Timeout()));
  for (const stallMs of [3, 0, 8, 25, 1, 40, 9.5, 9.5, 2]) {
    host.stallMs = stallMs;
    const before = fired.length;
    while (fired.length === before) host.advance(0.5);
    deadlines.tick(10, fired.at(-1)?.timeout.lateMs ?? 0);

    expect(deadlines.nowMs).toBe(fired.at(-1)?.atMs);
  }
});

test('a timer that is stopped keeps no timeout; started again, it takes new ones', () => {
  const { host, timer, control, times } = setUp();

  timer.next(new ScheduleTimeout(10, new Timeout()));
  timer.next(new SchedulePeriodicTimeout(10, new Timeout()));
  host.advance(0);
  control.next(new Stop());
  host.advance(100);
  expect(times()).toStrictEqual([]);
  expect(host.nextMs).toBeUndefined();

  control.next(new Start());
  timer.next(new ScheduleTimeout(10, new Timeout()));
  host.advance(100);
  expect(times()).toStrictEqual([110]);
});

test('a timer that is killed leaves nothing behind', () => {
  const { host, timer, control } = setUp();

  timer.next(new ScheduleTimeout(10, new Timeout()));
  host.advance(0);
  control.next(new Kill());

  expect(host.nextMs).toBeUndefined();
});

test.each([
  ['a delay that is no number', new ScheduleTimeout(NaN, new Timeout())],
  ['a period of nothing', new SchedulePeriodicTimeout(0, new Timeout())],
])('%s is a mistake of ours: the system stops', async (_name, request) => {
  const { host, system, timer } = setUp();
  const ended = system.terminated.catch((error: unknown) => error);

  timer.next(request);
  host.advance(0);

  expect(await ended).toMatchObject({ cause: { code: 'ERR_INVARIANT' } });
});

test('TIM2 in real time: never early, by the clock of the host', async () => {
  const host: Host = realHost;
  const earlyMs = await Promise.all(
    [0, 0.5, 1.5, 3.7, 5, 9.9].map(
      (delayMs) =>
        new Promise<number>((resolve) => {
          const dueMs = host.now() + delayMs;
          host.after(delayMs, () => resolve(dueMs - host.now()));
        }),
    ),
  );

  expect(Math.max(...earlyMs)).toBeLessThanOrEqual(0);
});
