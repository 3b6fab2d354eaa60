import { Component, ComponentFault, KilledError, type Context, type Random } from '@jbstore/core';
import {
  Address,
  ConnectionRefused,
  Listening,
  MalformedMessageError,
  type Message,
  Network,
  Unit,
  byUnit,
  message,
  unitAt,
} from '@jbstore/network/port';
import { Processes, type Process, type ProcessOptions } from '@jbstore/testkit';
import { z } from 'zod';

class Note extends message('testkit/Note', { number: z.int().nonnegative() }) {}
class Fall extends message('testkit/Fall', {}) {}

const [p, q, r] = ['p', 'q', 'r'].map((id, index) =>
  Address.parse(`${id}@host:${7000 + index}`),
) as [Address, Address, Address];
const qAgain = Address.parse('q2@host:7001');
const atQ = Address.parse('@host:7001');

/** Keeps the notes that it gets, and faults at a {@link Fall}. */
class Desk extends Component {
  readonly network = this.requires(Network);
  readonly random: Random;
  readonly now: () => number;
  readonly received: { number: number; source: Address; atMs: number }[] = [];

  constructor(context: Context) {
    super(context);
    this.random = context.random('desk');
    this.now = () => context.host.now();

    this.network.upon(Note, ({ number, source }) => {
      this.received.push({ number, source, atMs: context.host.now() });
    });

    this.network.upon(Fall, () => {
      throw new RangeError('it fell');
    });
  }
}

function begin(processes: Processes, self: Address, options: ProcessOptions = {}) {
  const assemble = (...[system, network]: Parameters<Parameters<Processes['create']>[1]>): Desk => {
    const desk = system.create(Desk);
    network.network.connect(desk.network);
    networks.set(desk, network);
    return desk;
  };
  const process = processes.create(self, assemble, options);
  const network = networks.get(process.component);
  if (!network) throw new Error('it was assembled');
  const status = process.clientOf(network.status);
  const send = (destination: Address, number: number): void => {
    process.component.network.next(new Note(destination, { number }));
    processes.settle();
  };
  const numbers = (): number[] => process.component.received.splice(0).map(({ number }) => number);
  return { process, desk: process.component, status, send, numbers };
}

const networks = new WeakMap<Desk, Parameters<Parameters<Processes['create']>[1]>[1]>();

function setUp(seed?: string, latencyMs?: number) {
  const processes = new Processes(seed, latencyMs);
  const [atP, atR] = [begin(processes, p), begin(processes, r)];
  const life = begin(processes, q);
  processes.start();
  return { processes, wire: processes.wire, p: atP, q: life, r: atR };
}

describe('VirtualWire', () => {
  test('every message arrives once, after the latency, in order, with its source', () => {
    const { processes, ...at } = setUp('latency', 7);

    at.p.send(q, 1);
    at.p.send(atQ, 2);
    processes.advance(6);
    expect(at.q.desk.received).toStrictEqual([]);
    processes.advance(100);

    expect(at.q.desk.received).toStrictEqual([
      { number: 1, source: p, atMs: 7 },
      { number: 2, source: p, atMs: 7 },
    ]);
  });

  test('a message to oneself takes no time', () => {
    const { p: self } = setUp();

    self.send(p, 1);

    expect(self.numbers()).toStrictEqual([1]);
  });

  test('a rule decides of each message: late, never or as before', () => {
    const { processes, wire, ...at } = setUp();
    wire.rule(({ destination }, otherwise) => (destination === r ? 'drop' : otherwise));
    wire.rule(({ message: sent }, otherwise) =>
      sent instanceof Note && sent.number === 1 ? 50 : otherwise,
    );

    for (const number of [1, 2]) at.p.send(q, number);
    for (const number of [1, 2]) at.p.send(r, number);
    processes.advance(49);
    expect(at.q.numbers()).toStrictEqual([2]);
    processes.advance(1);

    expect(at.q.numbers()).toStrictEqual([1]);
    expect(at.r.numbers()).toStrictEqual([1]);
  });

  test('what is held waits until it is delivered, in the order of the test', () => {
    const { processes, wire, ...at } = setUp();
    wire.rule(() => 'hold');

    for (const number of [1, 2, 3]) at.p.send(q, number);
    processes.advance(1_000);
    const [first, second] = wire.held;
    expect([at.q.numbers(), wire.held.length]).toStrictEqual([[], 3]);
    if (!first || !second) throw new Error('they are held');
    wire.deliver(second);
    wire.drop(first);
    wire.deliverAll();
    processes.settle();

    expect(at.q.numbers()).toStrictEqual([2, 3]);
    expect(wire.held).toStrictEqual([]);
  });

  test('deliverAll delivers what is named, and leaves the rest', () => {
    const { processes, wire, ...at } = setUp();
    wire.rule(() => 'hold');
    at.p.send(q, 1);
    at.p.send(r, 2);

    wire.deliverAll(({ destination }) => destination === r);
    processes.settle();

    expect([at.q.numbers(), at.r.numbers()]).toStrictEqual([[], [2]]);
    expect(wire.held.map(({ destination }) => destination)).toStrictEqual([q]);
  });

  test('a doubled message arrives once more for each copy, even after the first', () => {
    const { processes, wire, ...at } = setUp();
    wire.rule(() => 'hold');
    at.p.send(q, 1);
    const [envelope] = wire.held;
    if (!envelope) throw new Error('it is held');

    wire.duplicate(envelope);
    expect(wire.held).toHaveLength(2);
    wire.deliverAll();
    wire.deliver(envelope);
    processes.settle();

    expect(at.q.numbers()).toStrictEqual([1, 1, 1]);
  });

  test.each(['@nowhere:1', 'x@nowhere:1', 'x@'])('what goes to %s, nobody gets', (text) => {
    const { processes, ...at } = setUp();

    at.p.send(Address.parse(text), 1);
    processes.advance(1_000);

    expect([at.p, at.q, at.r].flatMap(({ numbers }) => numbers())).toStrictEqual([]);
    expect(at.p.status.takeAll(ConnectionRefused)).toStrictEqual([]);
  });

  test('a process that is taken off the wire sends and gets nothing more', () => {
    const { processes, wire, ...at } = setUp();

    wire.unplug(q);
    at.q.send(p, 1);
    at.p.send(q, 2);
    processes.advance(1);

    expect([at.p.numbers(), at.q.numbers()]).toStrictEqual([[], []]);
  });

  test('another process than the one that is meant refuses, and gets nothing', () => {
    const { processes, ...at } = setUp();
    const life = begin(processes, qAgain);
    processes.start();

    at.p.send(q, 1);
    at.p.send(atQ, 2);
    processes.advance(1);

    expect(at.p.status.takeAll(ConnectionRefused)).toMatchObject([
      { peer: q, code: 'ERR_WRONG_PROCESS', expected: 'q', found: 'q2' },
    ]);
    expect(life.numbers()).toStrictEqual([2]);
    expect(life.status.takeAll(ConnectionRefused)).toStrictEqual([]);
  });

  test('processes of different clusters refuse one another', () => {
    const { processes, ...at } = setUp();
    const foreign = begin(processes, Address.parse('f@host:1'), { clusterId: 'other' });
    processes.start();

    at.p.send(foreign.process.self, 1);
    foreign.send(p, 2);
    processes.advance(1);

    expect([foreign.numbers(), at.p.numbers()]).toStrictEqual([[], []]);
    expect(at.p.status.takeAll(ConnectionRefused)).toMatchObject([
      { code: 'ERR_FOREIGN_CLUSTER', expected: 'virtual', found: 'other' },
    ]);
    expect(foreign.status.takeAll(ConnectionRefused)).toMatchObject([
      { peer: p, code: 'ERR_FOREIGN_CLUSTER', expected: 'other', found: 'virtual' },
    ]);
  });
});

describe('VirtualNetwork', () => {
  test('says where it listens, if it does', () => {
    const { processes, ...at } = setUp();
    const client = begin(processes, Address.parse('client@'));
    processes.start();

    expect(at.p.status.take()).toStrictEqual([new Listening(p)]);
    expect(client.status.take()).toStrictEqual([]);
    client.send(p, 1);
    processes.advance(1);
    expect(at.p.desk.received).toMatchObject([{ source: 'client@' }]);
    at.p.send(Address.parse('client@'), 2);
    processes.advance(1);
    expect(client.numbers()).toStrictEqual([2]);
  });

  test('a receiver gets a message of its own', () => {
    const { processes, ...at } = setUp();
    const got: Message[] = [];
    at.q.desk.network.subscribe((note) => got.push(note));
    const sent = new Note(atQ, { number: 1 });

    at.p.desk.network.next(sent);
    processes.advance(1);

    expect(got).toMatchObject([{ number: 1, source: p, destination: q }]);
    expect(got[0]).not.toBe(sent);
    expect(sent.source).not.toBe(p);
  });

  test('to send what does not fit its schema is a fault of the sender', () => {
    const { wire, ...at } = setUp();
    wire.rule(() => 'drop');

    const send = (): void => {
      at.p.send(q, -1);
    };

    expect(send).toThrow('number');
    expect(() => setUp().q.send(p, 0.5)).toThrow(
      expect.objectContaining({ cause: expect.any(MalformedMessageError) as unknown }) as Error,
    );
  });
});

describe('Processes', () => {
  test('a process that has crashed sends and gets nothing; what it had sent arrives', () => {
    const { processes, ...at } = setUp();

    at.q.send(p, 1);
    processes.crash(at.q.process);
    at.q.desk.network.next(new Note(p, { number: 2 }));
    at.p.send(q, 3);
    processes.advance(100);

    expect([at.p.numbers(), at.q.numbers()]).toStrictEqual([[1], []]);
    expect(() => at.q.process.system.create(Desk)).toThrow(KilledError);
  });

  test('a process that is started again, at the same place, takes it', () => {
    const { processes, ...at } = setUp();

    const life = begin(processes, qAgain);
    processes.start();
    at.q.desk.network.next(new Note(p, { number: 1 }));
    at.p.send(atQ, 2);
    processes.advance(100);

    expect([at.p.numbers(), at.q.numbers(), life.numbers()]).toStrictEqual([[], [], [2]]);
    expect(() => at.q.process.system.create(Desk)).toThrow(KilledError);
  });

  test('a later life under the same address outlives the end of the former', async () => {
    const { processes, ...at } = setUp();

    processes.crash(at.q.process);
    const life = begin(processes, q);
    processes.start();
    await at.q.process.system.kill();
    at.p.send(q, 1);
    processes.advance(1);
    processes.crash(at.q.process); // It is dead already.
    at.p.send(q, 2);
    processes.advance(1);

    expect([at.q.numbers(), life.numbers()]).toStrictEqual([[], [1, 2]]);
  });

  test('what a handler throws is thrown by the call in which it does, once', () => {
    const { processes, ...at } = setUp();
    at.p.desk.network.next(new Fall(q, {}));
    processes.settle();

    const pass = (): void => {
      processes.advance(1);
    };

    expect(pass).toThrow(ComponentFault);
    expect(pass).not.toThrow();
  });

  test('a clock that is ahead is so for one process, and time passes for all', () => {
    const { processes, ...at } = setUp();
    const early = begin(processes, Address.parse('early@host:1'), { clockAheadMs: 1_000 });
    processes.start();

    processes.advance(5);
    at.p.send(early.process.self, 1);
    processes.advance(1);

    expect([at.p.desk.now(), early.desk.now()]).toStrictEqual([6, 1_006]);
    expect(early.desk.received).toMatchObject([{ atMs: 1_006 }]);
  });

  test('chance follows from the seed, the address and the life', () => {
    const draw = ({ component }: Process<Desk>): string => component.random.hex(8);
    const draws = (seed: string): string[] => {
      const { processes, ...at } = setUp(seed);
      const lives = [begin(processes, q), begin(processes, q)];
      return [at.p, at.q, ...lives].map(({ process }) => draw(process));
    };

    expect(draws('one')).toStrictEqual(draws('one'));
    expect(new Set([...draws('one'), ...draws('two')]).size).toBe(8);
  });
});

test('virtual nodes of two processes, and of one, get only their own, and answer by their address', () => {
  class Ask extends message('testkit/Ask', {}) {}
  class Told extends message('testkit/Told', {}) {}
  class Inmate extends Component {
    readonly network = this.requires(Network);
    readonly got: string[] = [];

    constructor(context: Context, unit: Unit) {
      super(context);
      this.network.upon(Ask, ({ source, destination }) => {
        this.got.push(`${source} asks ${destination}`);
        this.network.next(new Told(source, {}, { unit }));
      });
      this.network.upon(Told, ({ source, destination }) => {
        this.got.push(`${source} tells ${destination}`);
      });
    }
  }
  const processes = new Processes();
  const units = ['a', 'b', 'c'].map((name) => Unit.parse(name));
  const [a, b, c] = units;
  const nodes = [p, q].map((self) => {
    const made: Inmate[] = [];
    const { system } = processes.create(self, (assembled, network) => {
      for (const unit of units.slice(0, 2)) {
        const node = assembled.create(Inmate, unit);
        network.network.connectBy(node.network, { indications: byUnit.is(unit) });
        made.push(node);
      }
      return network;
    });
    return { system, made };
  });
  const letters: string[] = [];
  nodes[1]?.system.deadLetters.subscribe(({ event, reason }) => {
    letters.push(`${event.type} ${reason}`);
  });
  processes.start();
  letters.length = 0;

  for (const to of [unitAt(q, b), unitAt(p, b), unitAt(q, c)]) {
    nodes[0]?.made[0]?.network.next(new Ask(to, {}, a && { unit: a }));
  }
  processes.advance(2);

  expect(nodes.map(({ made }) => made.map(({ got }) => got))).toEqual([
    [[`${p}#b tells ${p}#a`, `${q}#b tells ${p}#a`], [`${p}#a asks ${p}#b`]],
    [[], [`${p}#a asks ${q}#b`]],
  ]);
  expect(letters).toEqual(['testkit/Ask unselected']);
});
