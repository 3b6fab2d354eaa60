import { ProcessId, address } from '@jbstore/network/port';
import { Prune } from '@jbstore/slot-register/port';
import { Harness } from '@jbstore/testkit';
import { SchedulePeriodicTimeout, TellTime, Time } from '@jbstore/timer/port';

import { generationMs } from '../src/limits';
import { OpenReply, OpenRequest } from '../src/messages';
import { SessionKeeper } from '../src/session-keeper';

const me = address({ id: ProcessId.parse('me'), host: '127.0.0.1', port: 1 });
const client = address({ id: ProcessId.parse('client') });
const hourMs = 3_600_000;

function setUp() {
  const harness = new Harness();
  const keeper = harness.create(SessionKeeper, { sessionLifetimeMs: hourMs });
  const network = harness.providerOf(keeper.network);
  const register = harness.providerOf(keeper.register);
  const clock = harness.providerOf(keeper.clock);
  const timer = harness.providerOf(keeper.timer);
  harness.start();
  const { timeout } = timer.takeOne(SchedulePeriodicTimeout);
  /** The clock is looked at, and shows this. */
  const tell = (epochMs: number): void => {
    clock.answer(clock.takeOne(TellTime), new Time(epochMs));
    harness.settle();
  };
  const look = (): void => {
    timer.trigger(timeout);
  };
  const open = (): void => {
    network.trigger(new OpenRequest(me, {}, { source: client }));
  };
  return { network, register, tell, look, open };
}

test('sessions are of the generation that it is, and what is older than a lifetime is over', () => {
  const { network, register, tell, look, open } = setUp();

  tell(1_000 * generationMs + 1);
  expect(register.takeOne(Prune)).toMatchObject({ before: 988, lifetime: 12 });
  open();
  const opened = { destination: client, generation: 1_000, lifetimeMs: hourMs };
  expect(network.takeOne(OpenReply)).toMatchObject(opened);

  look();
  tell(1_001 * generationMs);
  expect(register.takeOne(Prune)).toMatchObject({ before: 989 });
  open();
  expect(network.takeOne(OpenReply).generation).toBe(1_001);
});

test('before the clock was looked at no session is opened', () => {
  const { network, register, open } = setUp();

  open();

  expect(network.take()).toStrictEqual([]);
  expect(register.take()).toStrictEqual([]);
});

test.each([
  [-hourMs, 0, 0],
  [hourMs / 2, 0, 6],
  [2 ** 53, 2 ** 32 - 1, 2 ** 32 - 1],
])('a clock that shows %p is no trouble', (epochMs, before, generation) => {
  const { network, register, tell, open } = setUp();

  tell(epochMs);
  open();

  expect(register.takeOne(Prune).before).toBe(before);
  expect(network.takeOne(OpenReply).generation).toBe(generation);
});
