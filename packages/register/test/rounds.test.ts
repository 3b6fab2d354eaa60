import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import {
  Abandon,
  Abandoned,
  CountRegisters,
  ListRegisters,
  RegistersCounted,
  RegistersListed,
  Write,
} from '@jbstore/register/port';
import { type Message } from '@jbstore/network/port';

import { ReadMessage, ValueMessage, WriteMessage } from '../src/messages';
import { RegisterProcesses, type Algorithm } from './processes';

/** Every message sent from here on, as it is put on the wire. */
function sent(world: RegisterProcesses): Message[] {
  const messages: Message[] = [];
  world.wire.rule(({ message }, otherwise) => {
    messages.push(message);
    return otherwise;
  });
  return messages;
}

const algorithms: [string, Algorithm][] = [
  ['ReadImposeWriteConsultMajority', ReadImposeWriteConsultMajority],
  ['ReadImposeWriteMajority', ReadImposeWriteMajority],
];

describe.each(algorithms)('%s', (_name, algorithm) => {
  test('a read takes one round where a majority agrees, and moves no value that is held here', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.write('a', 'value');
    world.advance(10);
    const messages = sent(world);

    world.read('b');
    world.advance(10);

    expect(world.answers('b')).toStrictEqual(['value']);
    expect(messages.map(({ type }) => type.split('/')[1])).toStrictEqual([
      'Read',
      'Read',
      'Value',
      'Value',
    ]);
    for (const message of messages) {
      if (message instanceof ValueMessage) expect(message.value).toHaveLength(0);
    }
    expect(world.at('b').count('register.oneRoundReads')).toBe(1);
  });

  test('a read that agrees on nothing takes one round, and makes no register', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.read('b');
    world.advance(10);

    expect(world.answers('b')).toStrictEqual([undefined]);
    expect(world.at('b').count('register.rounds')).toBe(1);
    expect(world.processes.map((process) => process.count('register.held'))).toStrictEqual([
      0, 0, 0,
    ]);
  });

  test('a read imposes what it found on those only that may not hold it', () => {
    const world = new RegisterProcesses(algorithm, 5);
    world.takeInHand();
    world.write('a', '1');
    world.exchange('ab');
    world.exchange('abc'); // Now a, b and c hold 1.
    for (const { source, destination } of world.wire.held) {
      expect([source, destination]).toContain(world.group[0]);
    }
    for (const envelope of [...world.wire.held]) world.wire.drop(envelope);

    world.read('c');
    world.exchange('cde');

    // d and e hold nothing: c imposes on them, and on a and b, of which it heard nothing.
    expect(world.answers('c')).toStrictEqual(['1']);
    expect(world.at('c').count('register.imposedReads')).toBe(1);
    expect(world.at('d').count('register.held')).toBe(1);
  });

  test('a read that finds a newer value needs no second round if that makes a majority with its own copy', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.takeInHand();
    world.write('a', '1');
    world.exchange('ab');

    world.read('c');
    world.exchange('bc');

    expect(world.answers('c')).toStrictEqual(['1']);
    expect(world.at('c').count('register.rounds')).toBe(1);
    expect(world.at('c').count('register.held')).toBe(1);
  });

  test('a phase is repeated, the same, to those who have not answered: after 500 ms, doubling to 4 s', () => {
    const world = new RegisterProcesses(algorithm, 5);
    const repeated: [number, string][] = [];
    const messages: Message[] = [];
    world.wire.rule(({ message, destination, source }) => {
      if (message instanceof ReadMessage) {
        repeated.push([world.host.now(), destination.slice(0, 1)]);
        messages.push(message);
      }
      return source.startsWith('b') || destination.startsWith('b') ? 1 : 'drop';
    });

    world.read('a');
    world.advance(16_000);

    const times = [...new Set(repeated.map(([atMs]) => atMs))];
    const waits = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    expect(waits).toStrictEqual([625, 1_000, 2_000, 4_000, 4_000, 4_000]);
    const others = repeated.filter(([atMs]) => atMs > 0).map(([, to]) => to);
    expect(new Set(others)).toStrictEqual(new Set(['c', 'd', 'e']));
    const rids = messages.map((message) =>
      message instanceof ReadMessage ? `${message.boot} ${message.phase}` : '',
    );
    expect(new Set(rids).size).toBe(1);
    expect(world.at('a').count('register.retransmissions')).toBe(18);
  });

  test('each waiting operation is repeated at its own time, whatever others wait for', () => {
    const world = new RegisterProcesses(algorithm, 3);
    const repetitions = new Map<string, number[]>();
    world.wire.rule(({ message, destination }) => {
      if (message instanceof ReadMessage && destination.startsWith('b')) {
        const times = repetitions.get(message.register) ?? [];
        repetitions.set(message.register, [...times, world.host.now()]);
      }
      return 'drop';
    });

    for (const [register, afterMs] of [
      ['x', 0],
      ['y', 700],
      ['z', 900],
    ] as const) {
      world.advance(afterMs);
      world.read('a', register);
    }
    world.advance(3_000);

    for (const times of repetitions.values()) {
      const waits = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
      expect(waits[0]).toBeGreaterThan(500);
      expect(waits[0]).toBeLessThanOrEqual(625);
      expect(waits[1]).toBe(1_000);
    }
    expect(repetitions.size).toBe(3);
  });

  test('nothing is scheduled while nothing waits', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.write('a', '1');
    world.read('b');
    world.advance(2_000);

    expect(world.host.nextMs).toBeUndefined();
    expect(world.at('a').count('register.running')).toBe(0);
  });

  test('operations that waited while the process was stopped go on when it starts again', async () => {
    const world = new RegisterProcesses(algorithm, 3);
    const { system } = world.at('a').process;
    let lost = true;
    world.wire.rule((_envelope, otherwise) => (lost ? 'drop' : otherwise));
    world.read('a');

    const stopped = system.stop();
    world.advance(5_000);
    await stopped;
    lost = false;
    const started = system.start();
    world.advance(5_000);
    await started;

    expect(world.answers('a')).toStrictEqual([undefined]);
  });

  test('a read that is given up is not executed, and what answers it later is a stray', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.takeInHand();
    const read = world.read('a');
    world.at('a').client.trigger(new Abandon(read));

    const { request, outcome } = world.at('a').client.takeOne(Abandoned);
    expect([request, outcome]).toStrictEqual([read, 'not executed']);
    world.exchange('abc');
    expect(world.answers('a')).toStrictEqual([]);
    expect(world.at('a').count('register.strayReplies')).toBe(2);
    expect(world.at('a').count('register.running')).toBe(0);
  });

  test('a write that is given up while it imposes may have taken effect', () => {
    const world = new RegisterProcesses(algorithm, 5);
    world.takeInHand();
    const write = world.write('a', '1');
    for (const other of ['b', 'c']) {
      if (world.held(ReadMessage, 'a', other).length === 0) continue;
      world.deliver(ReadMessage, 'a', other);
      world.deliver(ValueMessage, other, 'a');
    }
    expect(world.held(WriteMessage, 'a', 'b')).toHaveLength(1);

    world.at('a').client.trigger(new Abandon(write));

    expect(world.at('a').client.takeOne(Abandoned).outcome).toBe('unknown');
  });

  test('a request that is made twice is a fault of who made it', () => {
    const world = new RegisterProcesses(algorithm, 3);
    world.takeInHand();
    const read = world.read('a');

    expect(() => {
      world.at('a').client.trigger(read);
    }).toThrow('a request is made once');
  });

  test('the directory lists and counts what this process holds', () => {
    const world = new RegisterProcesses(algorithm, 3);
    const { process } = world.at('b');
    const directory = process.clientOf(process.component.directory);
    for (const register of ['k', 'b', 'z', 'a']) world.write('a', 'value', register);
    world.read('a', 'nobody wrote it');
    world.advance(10);

    const list = new ListRegisters('a', 'z', 1);
    directory.trigger(list);
    expect(directory.takeOne(RegistersListed)).toStrictEqual(
      new RegistersListed(list, ['b'], true),
    );
    const all = new ListRegisters('', undefined, 9);
    directory.trigger(all);
    expect(directory.takeOne(RegistersListed).names).toStrictEqual(['a', 'b', 'k', 'z']);
    const count = new CountRegisters();
    directory.trigger(count);
    expect(directory.takeOne(RegistersCounted)).toStrictEqual(new RegistersCounted(count, 4, 24));
  });
});

describe('ReadImposeWriteConsultMajority', () => {
  test('a write takes two rounds, and the first asks for no value', () => {
    const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
    world.write('a', 'value');
    world.advance(10);
    const messages = sent(world);

    world.write('b', 'other');
    world.advance(10);

    expect(world.answers('b')).toStrictEqual(['WriteReturn']);
    expect(world.at('b').count('register.rounds')).toBe(2);
    expect(messages).toHaveLength(8);
    for (const message of messages) {
      if (message instanceof ValueMessage) expect(message.value).toHaveLength(0);
    }
  });

  test('a write that is given up while it consults is not executed', () => {
    const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
    world.takeInHand();
    world.at('a').client.trigger(new Abandon(world.write('a', '1')));
    expect(world.at('a').client.takeOne(Abandoned).outcome).toBe('not executed');

    world.exchange('abc');
    world.read('b');
    world.exchange('abc');
    expect(world.answers('b')).toStrictEqual([undefined]);
  });

  test('a writer outside the group is a fault of who asked it', () => {
    const world = new RegisterProcesses(ReadImposeWriteConsultMajority, 3);
    const write = new Write('x', Buffer.from('1'), world.group.slice(1));

    expect(() => {
      world.at('a').client.trigger(write);
    }).toThrow('a writer is a member of the group');
  });
});

describe('ReadImposeWriteMajority', () => {
  test('a write takes one round, and many may run at once', () => {
    const world = new RegisterProcesses(ReadImposeWriteMajority, 3);
    const messages = sent(world);
    for (const value of ['1', '2', '3']) world.write('a', value);
    world.advance(10);

    expect(world.answers('a')).toStrictEqual(Array(3).fill('WriteReturn'));
    expect(messages).toHaveLength(12);
    world.read('c');
    world.advance(10);
    expect(world.answers('c')).toStrictEqual(['3']);
  });
});
