import { System, VirtualHost } from '@jbstore/core';
import { HostClock, TellTime, Time } from '@jbstore/timer';

function setUp(host = new VirtualHost()) {
  const system = new System('p', { host });
  const { clock } = system.create(HostClock);
  const [one, other] = [system.clientOf(clock), system.clientOf(clock)];
  const times = { one: [] as number[], other: [] as number[] };
  one.upon(Time, ({ epochMs }) => times.one.push(epochMs));
  other.upon(Time, ({ epochMs }) => times.other.push(epochMs));
  void system.start();
  host.advance(0);
  return { host, one, times };
}

test('WCL1: who asks is told the time by the wall clock, once, and nobody else is', () => {
  const { host, one, times } = setUp();
  const startMs = host.wallTimeMs();

  host.advance(90);
  one.next(new TellTime());
  host.advance(0);

  expect(times).toStrictEqual({ one: [startMs + 90], other: [] });
});

test('a wall clock that is set goes on from there, back as well, and timers do not notice', () => {
  const { host, one, times } = setUp();
  const fired: number[] = [];
  host.after(100, () => fired.push(host.now()));

  host.setWallTime(Date.UTC(2000, 0, 1));
  host.advance(100);
  one.next(new TellTime());
  host.advance(0);

  expect(times.one).toStrictEqual([Date.UTC(2000, 0, 1) + 100]);
  expect(fired).toStrictEqual([100]);
});

test('the time of the real host is that of the machine', async () => {
  await using system = new System('p');
  const { clock } = system.create(HostClock);
  await system.start();
  const beforeMs = Date.now();

  const { epochMs } = await system.ask(clock, new TellTime(), { timeoutMs: 10_000 });

  expect(epochMs).toBeGreaterThanOrEqual(beforeMs);
  expect(epochMs).toBeLessThanOrEqual(Date.now());
});
