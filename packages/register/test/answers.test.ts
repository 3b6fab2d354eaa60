/** Which replies count, and what a process outside the group is answered. */
import { ReadImposeWriteConsultMajority } from '@jbstore/register';
import { Read, Write } from '@jbstore/register/port';

import { ReadMessage, ValueMessage } from '../src/messages';
import { RegisterProcesses } from './processes';

test('a set of processes: a value that comes twice is one', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 5);
  world.takeInHand();
  world.write('b', '1');
  world.exchange('bde');
  world.read('a');
  world.deliver(ReadMessage, 'a', 'c');
  world.wire.duplicate(world.oldest(ValueMessage, 'c', 'a'));

  world.deliver(ValueMessage, 'c', 'a');
  world.deliver(ValueMessage, 'c', 'a');

  expect(world.answers('a')).toStrictEqual([]); // The majority b, d, e would have said 1.
});

test('members only: what a process outside the group acknowledges does not count', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 4);
  const group = world.group.slice(0, 3);
  world.takeInHand();
  world.at('a').client.trigger(new Read('x', group));
  const { message } = world.oldest(ReadMessage, 'a', 'b');
  if (!(message instanceof ReadMessage)) throw new Error('no such schedule');
  const { boot, phase } = message;
  const reply = new ValueMessage(world.address('a'), {
    boot,
    phase,
    timestamp: 0,
    value: new Uint8Array(),
  });
  world.wire.send(world.at('d').self, reply);
  world.deliver(ValueMessage, 'd', 'a');

  expect(world.answers('a')).toStrictEqual([]);
  expect(world.at('a').count('register.strayReplies')).toBe(1);
});

test('a rid for each phase: the answer to a former one does not count for the next', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 5);
  world.takeInHand();
  world.write('a', '1');
  for (const other of ['b', 'c']) {
    world.deliver(ReadMessage, 'a', other);
    world.deliver(ValueMessage, other, 'a');
  }

  for (const other of ['d', 'e']) {
    world.deliver(ReadMessage, 'a', other);
    world.deliver(ValueMessage, other, 'a');
  }

  expect(world.answers('a')).toStrictEqual([]);
  expect(world.at('a').count('register.strayReplies')).toBe(2);
});

test('returns the imposed value: also at a process outside the group, which holds none', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 4);
  const group = world.group.slice(0, 3);
  world.at('a').client.trigger(new Write('x', Buffer.from('1'), group));
  world.advance(10);

  world.at('d').client.trigger(new Read('x', group));
  world.advance(10);

  expect(world.answers('d')).toStrictEqual(['1']);
  expect(world.at('d').count('register.held')).toBe(0);
});
