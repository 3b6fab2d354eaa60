import { System, UnconnectedPortError, VirtualHost, silentLogger } from '@jbstore/core';
import {
  Bootstrap,
  Found,
  Join,
  JoinAccepted,
  JoinNoted,
  JoinRefusal,
  LonelyJoinError,
  ReplicationTooHighError,
  SelfJoinError,
  type BootstrapInit,
} from '@jbstore/gms';
import {
  BootTimedOut,
  EndBootstrap,
  Gathered,
  JoinRefused,
  Waiting,
  largestReplication,
} from '@jbstore/gms/port';
import { Address, ConnectionRefused, type Message } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { SchedulePeriodicTimeout } from '@jbstore/timer/port';

const first = Address.parse('f@127.0.0.1:7100');
const p = Address.parse('p@127.0.0.1:7101');
const pAgain = Address.parse('p2@127.0.0.1:7101');
const q = Address.parse('q@127.0.0.1:7102');
const atFirst = Address.parse('@127.0.0.1:7100');
const firstAgain = Address.parse('f2@127.0.0.1:7100');

const settings = {
  clusterId: 'test',
  nodes: 3,
  replication: 2,
  register: 'multi-writer',
} as const;
const members = [first, p, q];

const timing = { retransmitMs: 100, bootTimeoutMs: 300 };

/** A process with a probe on each port. What it is sent, it gets from `source`. */
class Setting {
  readonly harness = new Harness();
  readonly #component;
  readonly membership;
  readonly network;
  readonly status;
  readonly timer;
  readonly #self: Address;

  constructor(init: BootstrapInit) {
    this.#self = Address.parse(init.self);
    this.#component = this.harness.create(Bootstrap, init);
    this.membership = this.harness.clientOf(this.#component.bootstrapping);
    this.network = this.harness.providerOf(this.#component.network);
    this.status = this.harness.providerOf(this.#component.networkStatus);
    this.timer = this.harness.providerOf(this.#component.timer);
    this.harness.start();
  }

  /** As the network hands it over: with its source. */
  readonly receive = (source: Address, message: Message): void => {
    this.network.trigger(message.declaration.received(message, source, this.#self));
  };

  readonly join = (source: Address, { bound = true, ...changes }: Changes = {}): void => {
    const { address = source, ...others } = changes;
    this.receive(
      source,
      new Join(this.#self, { address, bound, settings: { ...settings, ...others } }),
    );
  };

  readonly #periods: SchedulePeriodicTimeout[] = [];

  /** The period of the newest periodic timeout is over, though it may have been cancelled. */
  readonly tick = (): void => {
    this.#periods.push(...this.timer.takeAll(SchedulePeriodicTimeout));
    const [newest] = this.#periods.slice(-1);
    if (newest) this.timer.trigger(newest.timeout);
  };

  readonly sent = (): readonly Message[] => this.network.take();

  readonly refusals = (): number =>
    this.harness.system.counters().find(({ name }) => name === 'gms.refusals')?.value ?? 0;
}

interface Changes {
  readonly bound?: boolean;
  readonly address?: Address;
  readonly clusterId?: string;
  readonly nodes?: number;
  readonly replication?: number;
  readonly register?: 'single-writer';
}

function firstNode(changes: Partial<BootstrapInit> = {}): Setting {
  return new Setting({ ...settings, ...timing, self: first, role: 'first', ...changes });
}

function joiner(changes: Partial<BootstrapInit> = {}): Setting {
  return new Setting({ ...settings, ...timing, self: p, role: { join: atFirst }, ...changes });
}

function completeFirstNode(): Setting {
  const setting = firstNode();
  setting.join(p);
  setting.join(q);
  setting.sent();
  setting.membership.take();
  return setting;
}

describe('the first node', () => {
  test('waits for N - 1 joins, and says for how many', () => {
    const { membership, join } = firstNode();
    expect(membership.take()).toStrictEqual([
      new Waiting('1 of 3 nodes have joined; waiting for 2 more'),
    ]);

    join(p);

    expect(membership.take()).toStrictEqual([
      new Waiting('2 of 3 nodes have joined; waiting for 1 more'),
    ]);
  });

  test('says who has gathered when all have joined, and tells them', () => {
    const { membership, network, join } = firstNode();
    join(q);
    membership.take();
    network.take();

    join(p);

    expect(membership.takeOne(Gathered)).toMatchObject({ members: [first, q, p], settings });
    expect(network.take()).toStrictEqual([
      new JoinAccepted(p, { joined: 3 }),
      new Found(q, { members: [first, q, p] }),
      new Found(p, { members: [first, q, p] }),
    ]);
  });

  test('counts a joiner once, however often it asks, and answers each time', () => {
    const { membership, join, sent } = firstNode();
    join(p);
    membership.take();
    sent();

    join(p);
    join(p, { bound: false });

    expect(sent()).toStrictEqual([
      new JoinAccepted(p, { joined: 2 }),
      new JoinAccepted(p, { joined: 2 }),
    ]);
    expect(membership.take()).toStrictEqual([]);
  });

  test('writes to the log who has joined, once', () => {
    const info = jest.fn();
    const host = new VirtualHost();
    const system = new System('test', { host, logger: () => ({ ...silentLogger, info }) });
    const init = { ...settings, self: first, role: 'first' } as const;
    const component = system.create(Bootstrap, init);
    const network = system.providerOf(component.network);
    system.providerOf(component.networkStatus);
    system.providerOf(component.timer);
    void system.start();
    const join = new Join(first, { address: p, settings, bound: true }, { source: p });

    network.next(join);
    network.next(join);
    host.advance(0);

    expect(info.mock.calls).toStrictEqual([['a node has joined', { node: p, joined: 2 }]]);
  });

  test('does not count a joiner which has not heard of it: it may be dead already', () => {
    const { membership, join, sent } = firstNode();
    membership.take();

    join(p, { bound: false });
    join(q, { bound: false });

    expect(sent()).toStrictEqual([
      new JoinAccepted(p, { joined: 1 }),
      new JoinAccepted(q, { joined: 1 }),
    ]);
    expect(membership.take()).toStrictEqual([]);
  });

  test('lets a restarted joiner replace its former life, which cannot come back', () => {
    const { membership, join, sent } = firstNode();
    join(p);
    join(pAgain);
    sent();

    join(p);
    join(p, { bound: false });
    const late = sent();
    join(q);

    expect(late).toMatchObject([{ code: 'replaced' }, { code: 'replaced' }]);
    expect(membership.takeAll(Gathered)).toMatchObject([{ members: [first, pAgain, q] }]);
  });

  test('tells who has gathered again and again, until there is a view', () => {
    const { membership, timer, tick, sent } = completeFirstNode();
    const found = [new Found(p, { members }), new Found(q, { members })];
    tick();
    tick();
    expect(sent()).toStrictEqual([...found, ...found]);

    membership.trigger(new EndBootstrap());
    timer.take();
    tick();
    expect(sent()).toStrictEqual([]);
  });

  test.each<[string, Changes, string]>([
    ['another number of nodes', { nodes: 5 }, 'nodes is 3, not 5'],
    ['another replication', { replication: 3 }, 'replication is 2, not 3'],
    [
      'another register',
      { register: 'single-writer' },
      'register is multi-writer, not single-writer',
    ],
  ])('refuses a joiner with %s', (_, changes, text) => {
    const { membership, join, sent, refusals } = firstNode();
    membership.take();

    join(p, changes);

    expect(sent()).toStrictEqual([
      new JoinRefusal(p, { code: 'other-settings', text: expect.stringContaining(text) as string }),
    ]);
    expect(membership.take()).toStrictEqual([]);
    expect(refusals()).toBe(1);
  });

  test('refuses a joiner of another cluster', () => {
    const { join, sent } = firstNode();

    join(p, { clusterId: 'other' });

    expect(sent()).toMatchObject([{ code: 'foreign-cluster' }]);
  });

  test.each([
    ['that says it is another', p, q],
    ['that listens nowhere', Address.parse('p@'), Address.parse('p@')],
    ['at its own host and port', firstAgain, firstAgain],
  ])('refuses a joiner %s', (_, source, address) => {
    const { join, sent } = firstNode();

    join(source, { address });

    expect(sent()).toMatchObject([{ destination: source, code: 'wrong-address' }]);
  });

  test('has gathered at once if N is 1', () => {
    const { membership, network } = firstNode({ nodes: 1, replication: 1 });

    expect(membership.take()).toMatchObject([{ members: [first] }]);
    expect(network.take()).toStrictEqual([]);
  });

  test('ends when a member tells it that the cluster of its former life lives', () => {
    const { membership, receive, join, sent } = firstNode();
    membership.take();

    receive(p, new JoinRefusal(first, { code: 'stranger', text: 'too late' }));
    join(p);
    join(q);

    expect(membership.take()).toStrictEqual([new JoinRefused('stranger', 'too late')]);
    expect(sent()).toStrictEqual([]);
  });

  test('goes on once there is a view, whoever calls it a stranger', () => {
    const { membership, receive } = completeFirstNode();
    membership.trigger(new EndBootstrap());

    receive(p, new JoinRefusal(first, { code: 'stranger', text: 'too late' }));

    expect(membership.take()).toStrictEqual([]);
  });
});

describe('a joiner', () => {
  const request = { address: p, settings };

  test('asks whoever answers at the address, again and again', () => {
    const { membership, tick, sent } = joiner();

    tick();

    const join = new Join(atFirst, { ...request, bound: false });
    expect(sent()).toStrictEqual([join, join]);
    expect(membership.take()).toStrictEqual([
      new Waiting(
        'this node waits for the first node at 127.0.0.1:7100, which has not answered yet',
      ),
    ]);
  });

  test('binds itself to the process that answers, and tells it', () => {
    const { membership, receive, tick, sent } = joiner();
    membership.take();
    sent();

    receive(first, new JoinAccepted(p, { joined: 1 }));
    tick();

    const join = new Join(first, { ...request, bound: true });
    expect(sent()).toStrictEqual([join, join]);
    expect(membership.takeOne(Waiting).waitingFor).toContain('view of the first node');
  });

  test('says how many have joined, when it learns it', () => {
    const { membership, receive } = joiner();
    receive(first, new JoinAccepted(p, { joined: 1 }));
    membership.take();

    receive(first, new JoinAccepted(p, { joined: 2 }));

    expect(membership.takeOne(Waiting).waitingFor).toContain('2 of 3 nodes have joined');
  });

  test('says who has gathered when it is told, and asks no more once there is a view', () => {
    const { membership, receive, tick, sent } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    membership.take();
    sent();

    receive(first, new Found(p, { members }));
    membership.trigger(new EndBootstrap());
    tick();

    expect(membership.take()).toMatchObject([{ members, settings }]);
    expect(sent()).toStrictEqual([]);
  });

  test('believes nobody but the process to which it is bound', () => {
    const { membership, receive, sent } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    receive(firstAgain, new JoinAccepted(p, { joined: 2 }));
    membership.take();
    sent();

    receive(firstAgain, new Found(p, { members }));

    expect([...membership.take(), ...sent()]).toStrictEqual([]);
  });

  test('believes nobody before it is bound', () => {
    const { membership, receive } = joiner();
    membership.take();

    receive(first, new Found(p, { members }));

    expect(membership.take()).toStrictEqual([]);
  });

  test('waits as long as a cluster means to take it in, and is not bound by that', () => {
    const { membership, receive, tick, sent } = joiner();
    for (let times = 0; times < 5; times += 1) {
      tick();
      receive(q, new JoinNoted(p, { text: 'soon' }));
    }
    expect(membership.takeAll(BootTimedOut)).toStrictEqual([]);
    sent();

    tick();

    expect(sent()).toStrictEqual([new Join(atFirst, { ...request, bound: false })]);
  });

  test('does not mind to hear that there is a cluster', () => {
    const { membership, receive } = joiner();
    membership.take();

    receive(q, new JoinRefusal(p, { code: 'cluster-lives', text: '' }));

    expect(membership.take()).toStrictEqual([]);
  });

  test('ends when the first node is silent for the boot time-out, and not when it answers', () => {
    const { membership, receive, tick } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    tick();
    tick();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    tick();
    tick();
    expect(membership.takeAll(BootTimedOut)).toStrictEqual([]);

    receive(firstAgain, new JoinAccepted(p, { joined: 2 })); // Not the one that it waits for.
    tick();

    expect(membership.takeAll(BootTimedOut)).toStrictEqual([
      new BootTimedOut(
        'this node waits for the view of the first node at 127.0.0.1:7100: 2 of 3 nodes have joined',
      ),
    ]);
  });

  test('that has ended is moved by nothing any more', () => {
    const { membership, receive, tick, sent } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    for (let times = 0; times < 3; times += 1) tick();
    membership.take();
    sent();

    receive(first, new Found(p, { members }));
    receive(first, new JoinRefusal(p, { code: 'stranger', text: '' }));
    receive(q, new Join(p, { ...request, address: q, bound: false }));
    tick();

    expect([...membership.take(), ...sent()]).toStrictEqual([]);
  });

  test('ends when it is refused, with the reason', () => {
    const { membership, receive, tick, sent } = joiner();
    membership.take();
    sent();

    receive(first, new JoinRefusal(p, { code: 'cluster-complete', text: 'too late' }));
    tick();

    expect(membership.take()).toStrictEqual([new JoinRefused('cluster-complete', 'too late')]);
    expect(sent()).toStrictEqual([]);
  });

  test.each([
    ['ERR_FOREIGN_CLUSTER', 'foreign-cluster'],
    ['ERR_PROTOCOL_VERSION', 'protocol-version'],
    ['ERR_REFUSED', 'refused'],
  ] as const)('ends at once when the address to join answers with %s', (code, expected) => {
    const { membership, status } = joiner();
    membership.take();

    status.trigger(new ConnectionRefused(atFirst, code, 'because'));

    expect(membership.takeOne(JoinRefused)).toMatchObject({
      code: expected,
      text: expect.stringContaining('because') as string,
    });
  });

  test('ends when the first node was restarted: the view may be out already', () => {
    const { membership, status, receive } = joiner();
    receive(first, new JoinAccepted(p, { joined: 1 }));
    membership.take();

    status.trigger(new ConnectionRefused(first, 'ERR_WRONG_PROCESS', '', 'f', 'f2'));

    expect(membership.takeOne(JoinRefused).code).toBe('first-node-restarted');
  });

  test('does not mind that others refuse connections', () => {
    const { membership, status } = joiner();
    membership.take();

    status.trigger(new ConnectionRefused(q, 'ERR_FOREIGN_CLUSTER', 'because'));

    expect(membership.take()).toStrictEqual([]);
  });

  test('tells another joiner where the first node is', () => {
    const { join, sent } = joiner();
    sent();

    join(q);

    expect(sent()).toMatchObject([
      { code: 'not-first', text: expect.stringContaining('join 127.0.0.1:7100') as string },
    ]);
  });
});

describe('a process', () => {
  test('asks again after a rest', () => {
    const { harness, tick, sent } = joiner();
    tick();
    harness.stop();
    sent();

    harness.start();
    tick();

    expect(sent()).toHaveLength(2);
  });

  test('ignores the time-outs of other components', () => {
    const other = joiner();
    const { timer, sent } = joiner();
    sent();

    timer.trigger(other.timer.takeOne(SchedulePeriodicTimeout).timeout);

    expect(sent()).toStrictEqual([]);
  });

  test.each([
    ['more copies than nodes', { replication: 4 }, ReplicationTooHighError, 'from 1 to 3'],
    [
      'itself to join',
      { role: { join: Address.parse('@127.0.0.1:7101') } },
      SelfJoinError,
      'itself',
    ],
    ['nobody to join', { nodes: 1, replication: 1 }, LonelyJoinError, 'nobody to join'],
  ])('refuses %s, and says what to do', (_, changes, type, text) => {
    expect(() => joiner(changes)).toThrow(type);
    expect(() => joiner(changes)).toThrow(text);
  });

  test.each([
    { self: Address.parse('@127.0.0.1:7101') },
    { self: Address.parse('p@') },
    { role: { join: Address.parse('f@') } },
    { nodes: 0 },
    { replication: 0 },
    { clusterId: '' },
  ])('refuses %p', (changes) => {
    expect(() => joiner(changes)).toThrow();
  });

  test('refuses groups that no register can have, and says what to do', () => {
    const changes = (replication: number) => ({ nodes: 100, replication });

    expect(() => joiner(changes(largestReplication))).not.toThrow();
    expect(() => joiner(changes(largestReplication + 1))).toThrow('from 1 to 32');
  });

  test('does not start with a port which the assembly forgot', () => {
    const harness = new Harness();
    harness.create(Bootstrap, { ...settings, self: first, role: 'first' });

    expect(() => harness.system.start()).toThrow(UnconnectedPortError);
  });
});
