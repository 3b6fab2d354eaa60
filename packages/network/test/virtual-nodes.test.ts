import {
  Component,
  System,
  type Channel,
  type Context,
  type DeadLetter,
  type ProvidedPort,
} from '@jbstore/core';
import { z } from 'zod';

import {
  Address,
  Connected,
  InvalidAddressError,
  Listening,
  Message,
  Network,
  ProcessId,
  Unit,
  WebSocketNetwork,
  address,
  byUnit,
  message,
  parseAddress,
  processOf,
  unitAt,
  unitOf,
} from '../src';
import { Wire, until } from './support';

class Ping extends message('units/Ping', { number: z.int() }) {}
class Pong extends message('units/Pong', { number: z.int() }) {}

/** A virtual node: answers each ping as the unit that it is, and notes what it gets. */
class Node extends Component {
  readonly network = this.requires(Network);
  readonly received: Message[] = [];

  constructor(
    context: Context,
    readonly unit: Unit | undefined,
  ) {
    super(context);
    this.network.upon(Message, (received) => void this.received.push(received));
    this.network.upon(Ping, ({ source, number }) => {
      this.network.next(new Pong(source, { number }, this.#options));
    });
  }

  ping(destination: Address, number: number): void {
    this.network.next(new Ping(destination, { number }, this.#options));
  }

  get #options(): { unit?: Unit } {
    return this.unit === undefined ? {} : { unit: this.unit };
  }
}

/** A process with virtual nodes behind the one network port that it has. */
class Place {
  readonly nodes: Node[] = [];
  readonly letters: DeadLetter[] = [];

  constructor(
    readonly system: System,
    readonly network: ProvidedPort<typeof Network>,
    readonly address: Address,
  ) {
    system.deadLetters.subscribe((letter) => this.letters.push(letter));
  }

  add(unit: Unit | undefined): [Node, Channel<typeof Network>] {
    const node = this.system.create(Node, unit);
    this.nodes.push(node);
    return [node, this.network.connectBy(node.network, { indications: byUnit.is(unit) })];
  }
}

const unitsUpTo = (count: number): Unit[] =>
  Array.from({ length: count }, (_, number) => Unit.parse(`u${String(number)}`));

/** A process on sockets. */
async function onSockets(
  id: string,
  listens = true,
): Promise<Place & AsyncDisposable & { connections: () => number }> {
  const system = new System(id);
  const host = '127.0.0.1';
  const component = system.create(WebSocketNetwork, {
    ...{ id: ProcessId.parse(id), clusterId: 'units', tickMs: 10 },
    ...(listens && { listen: { host, port: 0 } }),
  });
  let own = listens ? undefined : address({ id: ProcessId.parse(id) });
  let connections = 0;
  const status = system.clientOf(component.status);
  status.upon(Listening, (listening) => void (own = listening.address));
  status.upon(Connected, () => void (connections += 1));
  await system.start();
  await until(() => own !== undefined);
  const place = new Place(system, component.network, Address.parse(own));
  return Object.assign(place, {
    connections: () => connections,
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  });
}

/** `number source` of all that `node` got, by the name of its class. */
function shown(node: Node | undefined): string[] {
  return (node?.received ?? []).map((received) => {
    const number = received instanceof Ping || received instanceof Pong ? received.number : 0;
    return `${received.type.slice(6)} ${String(number)} ${received.source} ${received.destination}`;
  });
}

describe('addresses of units', () => {
  test.each([
    ['p@h:1#room-7', 'p@h:1', 'room-7'],
    ['@[::1]:80#a', '@[::1]:80', 'a'],
    ['p@#a', 'p@', 'a'],
    ['p@h:1', 'p@h:1', undefined],
    // Not every # begins a unit: older addresses may have it in their id and host.
    ['p#1@h:1', 'p#1@h:1', undefined],
    ['@ho#st:80', '@ho#st:80', undefined],
    ['p@#host:80', 'p@#host:80', undefined],
    ['p#1@ho#st:80#a/b', 'p#1@ho#st:80', 'a/b'],
  ])('%s', (text, process, unit) => {
    const whole = Address.parse(text);

    expect([processOf(whole), unitOf(whole)]).toStrictEqual([process, unit]);
    expect(parseAddress(text).unit).toBe(unit);
    expect(address(parseAddress(text))).toBe(text);
    expect(unitAt(processOf(whole), unitOf(whole))).toBe(text);
  });

  test.each(['p@h:1#', 'p@h:1#a b', 'p@h:1#a#b#', '@#a', 'p@h:1#a:b', `p@#${'a'.repeat(129)}`])(
    '%j is none',
    (text) => {
      expect(Address.safeParse(text).success).toBe(false);
      expect(() => parseAddress(text)).toThrow(InvalidAddressError);
    },
  );
});

describe('virtual nodes', () => {
  test('1000 behind one port talk with 1000 of another process over one connection, each gets only its own', async () => {
    await using p = await onSockets('p');
    await using q = await onSockets('q');
    const units = unitsUpTo(1_000);
    for (const unit of units) for (const place of [p, q]) place.add(unit);

    for (const [number, unit] of units.entries()) {
      p.nodes[number]?.ping(unitAt(q.address, unit), number);
    }
    await until(() => p.nodes.every(({ received }) => received.length === 1));

    for (const [number, unit] of units.entries()) {
      const [here, there] = [unitAt(p.address, unit), unitAt(q.address, unit)];
      expect(shown(q.nodes[number])).toStrictEqual([`Ping ${String(number)} ${here} ${there}`]);
      expect(shown(p.nodes[number])).toStrictEqual([`Pong ${String(number)} ${there} ${here}`]);
    }
    expect([p.connections(), q.connections()]).toStrictEqual([1, 1]);
    expect([...p.letters, ...q.letters]).toStrictEqual([]);
  });

  test('come and go while others talk; a message to one that is not there is a dead letter, and no fault', async () => {
    await using p = await onSockets('p');
    await using q = await onSockets('q');
    const [one, two] = unitsUpTo(2);
    const [asking] = p.add(undefined);
    const [, channel] = q.add(one);
    const ping = (number: number): void => {
      for (const unit of [one, two]) asking.ping(unitAt(q.address, unit), number);
    };

    ping(1);
    await until(() => q.letters.length === 1 && asking.received.length === 1);
    channel.unsubscribe();
    q.add(two);
    ping(2);
    await until(() => q.letters.length === 2 && asking.received.length === 2);

    expect(q.letters.map(({ event, reason }) => [(event as Ping).destination, reason])).toEqual([
      [unitAt(q.address, two), 'unselected'],
      [unitAt(q.address, one), 'unselected'],
    ]);
    expect(shown(asking)).toStrictEqual([
      `Pong 1 ${unitAt(q.address, one)} ${p.address}`,
      `Pong 2 ${unitAt(q.address, two)} ${p.address}`,
    ]);
    const counted = q.system.counters().filter(({ name }) => name === 'deadLetters');
    expect(counted).toMatchObject([{ labels: { reason: 'unselected' }, value: 2 }]);
  });

  test('are reached at whoever answers at a place, and in their own process by any of its addresses', async () => {
    await using p = await onSockets('p');
    await using q = await onSockets('q');
    const [one, two] = unitsUpTo(2);
    const [asking] = p.add(one);
    const [beside] = p.add(two);
    const [answering] = q.add(two);
    const whoever = (place: Place): Address => {
      const { host, port, unit } = parseAddress(unitAt(place.address, two));
      return address({ host, port, unit });
    };

    asking.ping(whoever(q), 1);
    asking.ping(whoever(p), 2);
    asking.ping(unitAt(p.address, two), 3);
    await until(() => asking.received.length === 3);

    const here = unitAt(p.address, one);
    expect(shown(answering)).toStrictEqual([`Ping 1 ${here} ${unitAt(q.address, two)}`]);
    expect(shown(beside).sort()).toStrictEqual([
      `Ping 2 ${here} ${unitAt(p.address, two)}`,
      `Ping 3 ${here} ${unitAt(p.address, two)}`,
    ]);
  });

  test('at one place are reached by one connection, whoever answers there', async () => {
    await using p = await onSockets('p');
    await using q = await onSockets('q');
    await using wire = await Wire.to(parseAddress(q.address).port ?? 0);
    const units = unitsUpTo(20);
    const [asking] = p.add(undefined);
    for (const unit of units) q.add(unit);

    for (const [number, unit] of units.entries()) {
      asking.ping(address({ host: '127.0.0.1', port: wire.port, unit }), number);
    }
    await until(() => asking.received.length === 20);

    expect(wire.connections).toBe(1);
  });

  test('of a process that listens nowhere do not hide who it is', async () => {
    await using q = await onSockets('q');
    await using client = await onSockets('client', false);
    const [one] = unitsUpTo(1);
    const [answering] = q.add(undefined);
    const [asking] = client.add(undefined);

    answering.ping(unitAt(client.address, one), 1);
    asking.ping(q.address, 2);
    await until(() => answering.received.length === 1);

    expect(shown(answering)).toStrictEqual([`Ping 2 client@ ${q.address}`]);
  });

  test('a message that is handed on is from who hands it on, whatever unit it came from', async () => {
    await using p = await onSockets('p');
    await using q = await onSockets('q');
    const [one] = unitsUpTo(1);
    const [asking] = p.add(one);
    const [target] = p.add(undefined);
    const [relay] = q.add(undefined);
    asking.ping(q.address, 1);
    await until(() => relay.received.length === 1);

    for (const { source } of relay.received) {
      relay.network.next(new Ping(p.address, { number: 2 }, { source }));
    }
    await until(() => target.received.length === 1);

    expect(shown(target)).toStrictEqual([`Ping 2 ${q.address} ${p.address}`]);
  });
});
