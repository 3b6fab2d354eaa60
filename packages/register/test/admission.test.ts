import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { type Message } from '@jbstore/network/port';

import { AckMessage, ReadMessage, ValueMessage, WriteMessage } from '../src/messages';
import { RegisterProcesses, type Algorithm } from './processes';

const algorithms: [string, Algorithm][] = [
  ['ReadImposeWriteConsultMajority', ReadImposeWriteConsultMajority],
  ['ReadImposeWriteMajority', ReadImposeWriteMajority],
];

function setUp(algorithm: Algorithm) {
  const world = new RegisterProcesses(algorithm, 3);
  const a = world.address('a');
  const answers: Message[] = [];
  world.wire.rule(({ message, source }, otherwise) => {
    if (source === a) answers.push(message);
    return otherwise;
  });
  /** What a answers when the process `name` sends it `message`. */
  const say = (name: string, message: Message): readonly Message[] => {
    answers.length = 0;
    world.wire.send(world.address(name), message);
    world.advance(10);
    return [...answers];
  };
  const rid = { boot: 1, phase: 1, register: 'x' };
  const read = (name: string): readonly Message[] =>
    say(name, new ReadMessage(a, { ...rid, above: 0 }));
  const write = (name: string, value: string, timestamp = 33): readonly Message[] =>
    say(name, new WriteMessage(a, { ...rid, timestamp, value: Buffer.from(value) }));
  return { world, read, write };
}

describe.each(algorithms)('%s', (_name, algorithm) => {
  test('who was not admitted gets no answer, changes nothing, and is counted', () => {
    const { world, read, write } = setUp(algorithm);
    world.admit('a', 'b');

    expect(write('c', 'intruder')).toStrictEqual([]);
    expect(read('c')).toStrictEqual([]);
    expect(world.at('a').count('register.held')).toBe(0);
    expect(world.at('a').count('register.outsiders')).toBe(2);
  });

  test('who was not admitted cannot end a process by another value with the same timestamp', () => {
    const { world, read, write } = setUp(algorithm);
    world.admit('a', 'b');
    write('b', 'value');

    write('c', 'intruder');
    write('c', 'intruder', 65);

    const [answer] = read('b');
    expect(answer).toMatchObject({ timestamp: 33, value: new Uint8Array(Buffer.from('value')) });
  });

  test('who was admitted is served, and so is the process itself', () => {
    const { world, read, write } = setUp(algorithm);
    world.admit('a', 'b');

    for (const name of ['a', 'b']) {
      expect(write(name, 'value')).toContainEqual(expect.any(AckMessage));
      expect(read(name)).toContainEqual(expect.any(ValueMessage));
    }
    expect(world.at('a').count('register.held')).toBe(1);
    expect(world.at('a').count('register.outsiders')).toBe(0);
  });

  test('all are served as long as nobody was admitted by name', () => {
    const { world, read, write } = setUp(algorithm);

    for (const name of ['b', 'c']) {
      expect(write(name, 'value')).toStrictEqual([expect.any(AckMessage)]);
      expect(read(name)).toStrictEqual([expect.any(ValueMessage)]);
    }
    expect(world.at('a').count('register.outsiders')).toBe(0);
  });

  test('a write that finds nobody who admits it is done when a majority does', () => {
    const { world } = setUp(algorithm);
    for (const name of ['b', 'c']) world.admit(name, '');
    world.write('a', 'value');
    world.advance(400);
    expect(world.answers('a')).toStrictEqual([]);

    world.admit('b', 'abc');
    world.advance(2_000);

    expect(world.answers('a')).toStrictEqual(['WriteReturn']);
    expect(world.at('c').count('register.held')).toBe(0);
  });
});
