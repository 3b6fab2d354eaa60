import { System, UnconnectedPortError, VirtualHost, silentLogger } from '@jbstore/core';
import { Follow, Restore, Suspect } from '@jbstore/epfd/port';
import {
  Install,
  Installed,
  Join,
  JoinAccepted,
  JoinRefusal,
  LonelyJoinError,
  ReplicationTooHighError,
  SelfJoinError,
  StaticMembership,
  type StaticMembershipInit,
} from '@jbstore/gms';
import {
  BootTimedOut,
  JoinRefused,
  NewView,
  SuspicionsChanged,
  Waiting,
  largestReplication,
  firstView,
} from '@jbstore/gms/port';
import { Address, ConnectionRefused, type Message } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { CancelTimeout, SchedulePeriodicTimeout } from '@jbstore/timer/port';

const first = Address.parse('f@127.0.0.1:7100');
const p = Address.parse('p@127.0.0.1:7101');
const pAgain = Address.parse('p2@127.0.0.1:7101');
const q = Address.parse('q@127.0.0.1:7102');
const stranger = Address.parse('s@127.0.0.1:7109');
const atFirst = Address.parse('@127.0.0.1:7100');
const firstAgain = Address.parse('f2@127.0.0.1:7100');

const settings = {
  clusterId: 'test',
  nodes: 3,
  replication: 2,
  register: 'multi-writer',
} as const;
const view = firstView(settings, [first, p, q]);

const timing = { retransmitMs: 100, bootTimeoutMs: 300 };

/** A process with a probe on each port. What it is sent, it gets from `source`. */
class Setting {
  readonly harness = new Harness();
  readonly #component;
  readonly membership;
  readonly network;
  readonly status;
  readonly epfd;
  readonly timer;
  readonly #self: Address;

  constructor(init: StaticMembershipInit) {
    this.#self = Address.parse(init.self);
    this.#component = this.harness.create(StaticMembership, init);
    this.membership = this.harness.clientOf(this.#component.membership);
    this.network = this.harness.providerOf(this.#component.network);
    this.status = this.harness.providerOf(this.#component.networkStatus);
    this.epfd = this.harness.providerOf(this.#component.epfd);
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

function firstNode(changes: Partial<StaticMembershipInit> = {}): Setting {
  return new Setting({ ...settings, ...timing, self: first, role: 'first', ...changes });
}

function joiner(changes: Partial<StaticMembershipInit> = {}): Setting {
  return new Setting({ ...settings, ...timing, self: p, role: { join: atFirst }, ...changes });
}

function member(): Setting {
  const setting = joiner();
  setting.receive(first, new JoinAccepted(p, { joined: 2 }));
  setting.receive(first, new Install(p, { view }));
  setting.sent();
  setting.membership.take();
  setting.epfd.take();
  return setting;
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

  test('installs the view when all have joined, sends it to them, and has them watched', () => {
    const { membership, network, epfd, join } = firstNode();
    join(q);
    membership.take();
    network.take();

    join(p);

    expect(membership.take()).toStrictEqual([new NewView(view)]);
    expect(network.take()).toStrictEqual([
      new JoinAccepted(p, { joined: 3 }),
      new Install(p, { view }),
      new Install(q, { view }),
    ]);
    expect(epfd.take()).toStrictEqual([new Follow(p), new Follow(q)]);
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
    const component = system.create(StaticMembership, init);
    const network = system.providerOf(component.network);
    system.providerOf(component.networkStatus);
    system.providerOf(component.epfd);
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
    expect(membership.takeAll(NewView)).toMatchObject([
      { view: firstView(settings, [first, pAgain, q]) },
    ]);
  });

  test('sends the view to each member again until that one has acknowledged it', () => {
    const { timer, receive, tick, sent } = completeFirstNode();
    tick();
    expect(sent()).toStrictEqual([new Install(p, { view }), new Install(q, { view })]);

    receive(p, new Installed(first, { number: 1 }));
    tick();
    tick();
    expect(sent()).toStrictEqual([new Install(q, { view }), new Install(q, { view })]);

    receive(q, new Installed(first, { number: 1 }));
    receive(q, new Installed(first, { number: 1 }));
    timer.take();
    tick();
    expect(sent()).toStrictEqual([]);
    expect(timer.takeOne(CancelTimeout)).toBeInstanceOf(CancelTimeout);
  });

  test('takes no acknowledgement of another view', () => {
    const { receive, tick, sent } = completeFirstNode();

    receive(p, new Installed(first, { number: 2 }));
    tick();

    expect(sent()).toContainEqual(new Install(p, { view }));
  });

  test('sends the view at once to a member that still asks', () => {
    const { join, sent } = completeFirstNode();

    join(q);

    expect(sent()).toStrictEqual([new Install(q, { view })]);
  });

  test('spares a suspected member the view until it is restored', () => {
    const { epfd, tick, sent } = completeFirstNode();

    epfd.trigger(new Suspect(p));
    tick();
    expect(sent()).toStrictEqual([new Install(q, { view })]);

    epfd.trigger(new Restore(p));
    tick();
    expect(sent()).toStrictEqual([new Install(p, { view }), new Install(q, { view })]);
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

  test('is alone with its view at once if N is 1', () => {
    const { membership, network, timer } = firstNode({ nodes: 1, replication: 1 });

    expect(membership.take()).toStrictEqual([
      new NewView(firstView({ ...settings, replication: 1 }, [first])),
    ]);
    expect(network.take()).toStrictEqual([]);
    expect(timer.takeAll(CancelTimeout)).toHaveLength(1);
  });

  test('ends when a member of its former life calls it a stranger', () => {
    const { membership, receive, join, sent } = firstNode();
    membership.take();

    receive(p, new JoinRefusal(first, { code: 'stranger', text: 'too late' }));
    join(p);
    join(q);

    expect(membership.take()).toStrictEqual([new JoinRefused('stranger', 'too late')]);
    expect(sent()).toStrictEqual([]);
  });

  test('goes on with a view once it has one, whoever calls it a stranger', () => {
    const { membership, receive } = completeFirstNode();

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

  test('installs the view, acknowledges it, has the others watched, and asks no more', () => {
    const { membership, epfd, receive, tick, sent } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    membership.take();
    sent();

    receive(first, new Install(p, { view }));
    tick();

    expect(membership.take()).toEqual([new NewView(view)]);
    expect(sent()).toStrictEqual([new Installed(first, { number: 1 })]);
    expect(epfd.take()).toStrictEqual([new Follow(first), new Follow(q)]);
  });

  test('installs the view once, and acknowledges it each time', () => {
    const { membership, receive, sent } = member();

    receive(first, new Install(p, { view }));

    expect(membership.take()).toStrictEqual([]);
    expect(sent()).toStrictEqual([new Installed(first, { number: 1 })]);
  });

  test('neither installs nor acknowledges a second view', () => {
    const { membership, receive, sent } = member();

    receive(first, new Install(p, { view: { ...view, number: 2 } }));
    receive(firstAgain, new Install(p, { view: firstView(settings, [firstAgain, p, q]) }));

    expect([...membership.take(), ...sent()]).toStrictEqual([]);
  });

  test('takes no view but from the process to which it is bound', () => {
    const { membership, receive, sent } = joiner();
    receive(first, new JoinAccepted(p, { joined: 2 }));
    receive(firstAgain, new JoinAccepted(p, { joined: 2 }));
    membership.take();
    sent();

    receive(firstAgain, new Install(p, { view }));

    expect([...membership.take(), ...sent()]).toStrictEqual([]);
  });

  test('takes no view before it is bound', () => {
    const { membership, receive } = joiner();
    membership.take();

    receive(first, new Install(p, { view }));

    expect(membership.take()).toStrictEqual([]);
  });

  test('takes no view of which it is no member', () => {
    const { membership, receive, sent } = joiner({ self: pAgain });
    receive(first, new JoinAccepted(pAgain, { joined: 2 }));
    membership.take();
    sent();

    receive(first, new Install(pAgain, { view }));

    expect([...membership.take(), ...sent()]).toStrictEqual([]);
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

    receive(first, new Install(p, { view }));
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

describe.each([
  ['a member', member],
  ['the first node with a view', completeFirstNode],
])('%s', (_, setUp) => {
  test('refuses a late joiner: the cluster is complete', () => {
    const { membership, join, sent, tick } = setUp();

    join(stranger);

    expect(sent()).toMatchObject([
      {
        code: 'cluster-complete',
        text: expect.stringContaining('127.0.0.1:7100, 127.0.0.1:7101, 127.0.0.1:7102') as string,
      },
    ]);
    tick();
    expect(membership.take()).toStrictEqual([]);
  });

  test('calls a restarted member a stranger: it has lost its memory', () => {
    const { membership, join, sent } = setUp();

    join(Address.parse('q2@127.0.0.1:7102'));

    expect(sent()).toMatchObject([
      {
        code: 'stranger',
        text: expect.stringContaining('this cluster cannot take you back yet: ') as string,
      },
    ]);
    expect(membership.take()).toStrictEqual([]);
  });

  test('does not refuse a member whose join came late', () => {
    const { join, receive, sent } = setUp();
    receive(q, new Installed(first, { number: 1 }));

    join(q);
    join(q, { bound: false });

    expect(sent()).toStrictEqual([]);
  });

  test('tells the process that answers in place of a member that it is a stranger', () => {
    const { status, sent } = setUp();

    status.trigger(new ConnectionRefused(q, 'ERR_WRONG_PROCESS', '', 'q', 'q2'));

    expect(sent()).toMatchObject([{ destination: '@127.0.0.1:7102', code: 'stranger' }]);
  });

  test('says nothing to processes that answer where no member was', () => {
    const { status, sent } = setUp();

    status.trigger(new ConnectionRefused(stranger, 'ERR_WRONG_PROCESS', '', 's', 's2'));
    status.trigger(new ConnectionRefused(q, 'ERR_FOREIGN_CLUSTER', '', 'test', 'other'));

    expect(sent()).toStrictEqual([]);
  });

  test('indicates whom it suspects, in the order of the view', () => {
    const { membership, epfd } = setUp();
    const other = setUp === member ? first : p;

    epfd.trigger(new Suspect(q));
    epfd.trigger(new Suspect(other));
    epfd.trigger(new Restore(q));

    expect(membership.take()).toStrictEqual([
      new SuspicionsChanged([q]),
      new SuspicionsChanged([other, q]),
      new SuspicionsChanged([other]),
    ]);
  });

  test('does not mind suspicions of processes that are no members', () => {
    const { membership, epfd } = setUp();

    epfd.trigger(new Suspect(stranger));
    epfd.trigger(new Restore(stranger));
    epfd.trigger(new Restore(q));

    expect(membership.take()).toStrictEqual([]);
  });
});

describe('a process', () => {
  test('does not mind suspicions before it has a view', () => {
    const { membership, epfd } = joiner();
    membership.take();

    epfd.trigger(new Suspect(q));

    expect(membership.take()).toStrictEqual([]);
  });

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
    harness.create(StaticMembership, { ...settings, self: first, role: 'first' });

    expect(() => harness.system.start()).toThrow(UnconnectedPortError);
  });
});
