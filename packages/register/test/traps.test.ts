/**
 * Schedules under which registers have gone wrong. In each a rule of ours is what saves the day: without
 * it the last line of the test is another one.
 */
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { Read, Write } from '@jbstore/register/port';

import { AckMessage, ReadMessage, ValueMessage, WriteMessage } from '../src/messages';
import { RegisterProcesses } from './processes';

describe('one writer: two would give one timestamp to two values, and the second write is lost', () => {
  test('a write at another process than the first of the group is refused', () => {
    const world = new RegisterProcesses(ReadImposeWriteMajority, 3);
    world.write('a', '1');
    world.advance(10);

    expect(() => {
      world.write('b', '2');
      world.advance(10);
    }).toThrow('the first of a group is its only writer');
    world.read('c');
    world.advance(10);
    expect(world.answers('b')).toStrictEqual([]);
    expect(world.answers('c')).toStrictEqual(['1']);
  });

  test('among many writers, two that write at once give two timestamps', () => {
    const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
    world.write('a', '1');
    world.write('b', '2');
    world.advance(10);

    world.read('c');
    world.advance(10);
    expect([...world.answers('a'), ...world.answers('b')]).toStrictEqual(
      Array(2).fill('WriteReturn'),
    );
    expect(world.answers('c')).toStrictEqual(['2']);
  });

  test('two writes at one process at once give two timestamps, though both find the same', () => {
    const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
    world.write('a', '1');
    world.write('a', '2');
    world.advance(10);

    expect(world.answers('a')).toStrictEqual(Array(2).fill('WriteReturn'));
    world.read('b');
    world.advance(10);
    expect(world.answers('b')).toStrictEqual(['2']);
  });
});

test('consult: a writer that wrote less often than others still writes what is newest', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  for (const value of ['1', '2']) {
    world.write('b', value);
    world.advance(10);
  }
  world.takeInHand();

  world.write('a', '3');
  world.exchange('ac');
  world.read('c');
  world.exchange('bc');

  expect(world.answers('a')).toStrictEqual(['WriteReturn']);
  expect(world.answers('c')).toStrictEqual(['3']);
});

test('consult: a writer that missed all former writes learns of them from a majority', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  world.takeInHand();
  for (const value of ['1', '2']) {
    world.write('b', value);
    world.exchange('bc');
  }

  world.write('a', '3');
  world.exchange('ac');
  world.read('b');
  world.exchange('bc');

  expect(world.answers('a')).toStrictEqual(['WriteReturn']);
  expect(world.answers('b').at(-1)).toBe('3');
});

test('no clock: a process whose clock is behind writes what is newest', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  world.crash('a');
  world.begin(world.address('a'), { clockAheadMs: 1_000_000 });
  world.write('a', '1');
  world.advance(10);

  world.write('b', '2');
  world.advance(10);
  world.read('c');
  world.advance(10);

  expect(world.answers('b')).toStrictEqual(['WriteReturn']);
  expect(world.answers('c')).toStrictEqual(['2']);
});

test('impose: what a read has returned, every later read returns', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  world.takeInHand();
  world.write('a', '1');
  world.deliver(ReadMessage, 'a', 'b');
  world.deliver(ValueMessage, 'b', 'a'); // Now a holds 1; it has told nobody.
  for (const to of ['b', 'c']) world.wire.drop(world.oldest(WriteMessage, 'a', to));

  world.read('a');
  world.exchange('ab');
  expect(world.answers('a')).toStrictEqual(['1']);
  world.read('c');
  world.exchange('bc');

  expect(world.answers('c')).toStrictEqual(['1']);
});

test('returns the imposed value: not what was held here before, which was nothing', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  world.takeInHand();
  world.write('a', '1');
  world.exchange('ab');

  world.read('c');
  world.exchange('bc');

  expect(world.answers('c')).toStrictEqual(['1']);
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

test('returns the imposed value: not a newer one held here, which later reads may miss', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 5);
  world.takeInHand();
  world.write('a', '1');
  world.exchange('ab'); // Two of five are no majority: a has not chosen yet.
  world.deliver(ReadMessage, 'a', 'c');
  world.deliver(ValueMessage, 'c', 'a');
  world.exchange('ab'); // Now a and b hold 1.
  world.read('a');
  for (const other of ['c', 'd']) {
    world.deliver(ReadMessage, 'a', other);
    world.deliver(ValueMessage, other, 'a');
  } // The read imposes 1.

  world.write('e', '2');
  for (const other of ['b', 'c']) {
    world.deliver(ReadMessage, 'e', other);
    world.deliver(ValueMessage, other, 'e');
  }
  world.deliver(WriteMessage, 'e', 'a'); // Now a holds 2, and e, and nobody else.
  world.exchange('acd');
  expect(world.answers('a')).toContain('1');

  world.read('b');
  world.exchange('bcd');
  expect(world.answers('b')).toStrictEqual(['1']);
});

test('a set of processes: an acknowledgement that comes twice is one', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 5);
  world.takeInHand();
  world.write('a', '1');
  for (const other of ['b', 'c']) {
    world.deliver(ReadMessage, 'a', other);
    world.deliver(ValueMessage, other, 'a');
  }
  world.deliver(WriteMessage, 'a', 'b');
  const acknowledgement = world.oldest(AckMessage, 'b', 'a');
  world.wire.duplicate(acknowledgement);

  world.deliver(AckMessage, 'b', 'a');
  world.deliver(AckMessage, 'b', 'a');

  expect(world.answers('a')).toStrictEqual([]); // Only a and b hold it: a read by c, d, e would miss it.
  world.deliver(WriteMessage, 'a', 'c');
  world.deliver(AckMessage, 'c', 'a');
  expect(world.answers('a')).toStrictEqual(['WriteReturn']);
});

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

test('a rid of its own: an acknowledgement of an earlier life completes no write of this one', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  world.takeInHand();
  world.write('a', '1');
  world.deliver(ReadMessage, 'a', 'b');
  world.deliver(ValueMessage, 'b', 'a');
  const former = world.oldest(WriteMessage, 'a', 'b').message;
  world.deliver(WriteMessage, 'a', 'b'); // Its acknowledgement stays on the wire.
  const [stale] = world.held(AckMessage, 'b', 'a');

  world.crash('a');
  for (const envelope of world.wire.held.filter((other) => other !== stale)) {
    world.wire.drop(envelope);
  }
  const self = world.address('a');
  if (!(former instanceof WriteMessage) || !stale) throw new Error('no such schedule');
  world.begin(self);
  const { register, timestamp, value, boot, phase } = former;
  world.wire.send(
    world.address('b'),
    new WriteMessage(self, { boot, phase, register, timestamp, value }),
  );
  world.deliver(WriteMessage, 'b', 'a'); // The state of b is copied to the new a.
  world.wire.drop(world.oldest(AckMessage, 'a', 'b'));

  world.write('a', '2');
  world.deliver(ReadMessage, 'a', 'b');
  world.deliver(ValueMessage, 'b', 'a'); // Now a imposes 2, and only a holds it.
  world.wire.deliver(stale);
  world.settle();

  expect(world.answers('a')).toStrictEqual([]);
  world.read('c');
  world.exchange('bc');
  expect(world.answers('c')).toStrictEqual(['1']);
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

test('one timestamp, one value: a replica that is told otherwise stops', () => {
  const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
  const say = (value: string): void => {
    const body = { boot: 1, phase: 1, register: 'x', timestamp: 33, value: Buffer.from(value) };
    world.wire.send(world.address('b'), new WriteMessage(world.address('a'), body));
    world.advance(10);
  };
  say('1');
  say('1');

  expect(() => {
    say('2');
  }).toThrow('one timestamp has one value');
});
