import { Component, System, VirtualHost, type Context, type Random } from '@jbstore/core';
import { Found, Install } from '@jbstore/gms';
import { BootTimedOut, JoinRefused, ViewRequest, Waiting, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Processes } from '@jbstore/testkit';

import { Node, memberOf } from './growing-group';

const firstPort = 7100;

interface GroupInit {
  readonly nodes?: number;
  readonly replication?: number;
  readonly seed?: string;
}

/** Nodes of one cluster in virtual time: the first at port 7100, the others behind it. */
class Group {
  readonly processes: Processes;
  readonly nodes: number;
  readonly replication: number;
  readonly lives: Node[] = [];

  constructor({ nodes = 3, replication = 2, seed = 'group' }: GroupInit = {}) {
    this.processes = new Processes(seed);
    this.nodes = nodes;
    this.replication = replication;
  }

  /** Starts a node, or a new life of it, with an id of its own. */
  start(index: number, clusterId = 'test'): Node {
    const port = firstPort + index;
    const life = this.lives.filter(({ self }) => self.endsWith(`:${port}`)).length;
    const self = Address.parse(`n${index}-${life}@127.0.0.1:${port}`);
    const { nodes, replication } = this;
    const process = this.processes.create(
      self,
      (system, network) =>
        memberOf(system, network, {
          self,
          clusterId,
          nodes,
          replication,
          register: 'multi-writer',
          role: index === 0 ? 'first' : { join: Address.parse(`@127.0.0.1:${firstPort}`) },
        }),
      { clusterId },
    );
    const node = new Node(process);
    this.lives.push(node);
    this.processes.start();
    return node;
  }

  crash(node: Node): void {
    this.processes.crash(node.process);
  }

  pass(seconds: number): void {
    this.processes.advance(seconds * 1000);
  }

  /** A booted group: all nodes have the view. */
  static booted(init: GroupInit = {}): { readonly group: Group; readonly members: Node[] } {
    const group = new Group(init);
    const members = Array.from({ length: group.nodes }, (_, index) => group.start(index));
    group.pass(5);
    for (const { views } of members) expect(views).toHaveLength(1);
    return { group, members };
  }
}

class Chance extends Component {
  readonly random: Random;

  constructor(context: Context) {
    super(context);
    this.random = context.random('schedule');
  }
}

function chanceOf(seed: string): Random {
  return new System('chance', { seed, host: new VirtualHost() }).create(Chance).random;
}

describe('a group that boots', () => {
  test.each([
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
  ])('is complete whatever the order of the starts: %i, %i, %i', (...order) => {
    const group = new Group();

    const nodes = order.map((index) => {
      const node = group.start(index);
      group.pass(10);
      return node;
    });

    const [view] = nodes[0]?.views ?? [];
    expect(view?.members.map(({ address }) => address)).toStrictEqual([
      'n0-0@127.0.0.1:7100',
      'n1-0@127.0.0.1:7101',
      'n2-0@127.0.0.1:7102',
    ]);
    for (const { views } of nodes) expect(views).toEqual([view]);
  });

  test.each([
    { nodes: 1, replication: 1 },
    { nodes: 3, replication: 1 },
    { nodes: 3, replication: 3 },
    { nodes: 7, replication: 5 },
  ])('is complete with N = $nodes and δ = $replication', (init) => {
    const { members } = Group.booted(init);

    for (const { views } of members) {
      expect(views).toMatchObject([{ replication: init.replication, number: 1 }]);
      expect(views[0]?.members).toHaveLength(init.nodes);
    }
  });

  test('watches until it has a view as few of its members as a large cluster watches of its council', () => {
    const group = new Group({ nodes: 12 });
    const watched = new Map<string, number>();
    group.processes.wire.rule(({ message, destination }, otherwise) => {
      if (message.declaration.type !== 'epfd/HeartbeatRequest') return otherwise;
      watched.set(destination, (watched.get(destination) ?? 0) + 1);
      return otherwise;
    });
    let founding = true;
    group.processes.wire.rule(({ message }, otherwise) =>
      founding && message.declaration.type === 'consensus/Prepare' ? 'drop' : otherwise,
    );

    const members = Array.from({ length: 12 }, (_, index) => group.start(index));
    group.pass(3);
    expect([...watched.keys()].sort()).toStrictEqual(
      members
        .slice(0, 7)
        .map(({ self }) => self)
        .sort(),
    );

    founding = false;
    group.pass(5);
    for (const { views } of members) expect(views).toHaveLength(1);
  });

  test('waits for the last node as long as it takes, and says so', () => {
    const group = new Group();
    const [first, joiner] = [group.start(0), group.start(1)];

    group.pass(3600);
    expect(first.all(Waiting).at(-1)?.waitingFor).toContain('2 of 3 nodes have joined');
    expect(joiner.all(Waiting).at(-1)?.waitingFor).toContain('2 of 3 nodes have joined');
    expect(joiner.all(BootTimedOut)).toStrictEqual([]);

    group.start(2);
    group.pass(5);
    for (const { views } of group.lives) expect(views).toHaveLength(1);
  });

  test('a joiner without a first node ends after the boot time-out', () => {
    const group = new Group();
    const joiner = group.start(1);

    group.pass(59);
    expect(joiner.all(BootTimedOut)).toStrictEqual([]);
    group.pass(1);
    expect(joiner.all(BootTimedOut)).toHaveLength(1);

    group.start(0);
    group.start(2);
    group.pass(60);
    expect(group.lives.flatMap(({ views }) => views)).toStrictEqual([]);
  });

  test('a joiner that is restarted takes the place of its former life', () => {
    const group = new Group();
    group.start(0);
    const former = group.start(1);
    group.pass(5);
    group.crash(former);

    group.start(1);
    group.pass(5);
    group.start(2);
    group.pass(5);

    for (const node of group.lives.filter((life) => life !== former)) {
      expect(node.views[0]?.members[1]?.address).toBe('n1-1@127.0.0.1:7101');
      expect(node.suspected).toStrictEqual([]);
    }
  });

  test('messages of a former life that come late bring it into no view', () => {
    const group = new Group();
    group.start(0);
    group.pass(1);
    group.processes.wire.rule(({ source }, otherwise) =>
      source.startsWith('n1-0@') ? 'hold' : otherwise,
    );
    const former = group.start(1);
    group.pass(5);
    group.crash(former);
    const second = group.start(1);
    group.pass(5);

    group.processes.wire.deliverAll();
    group.pass(1);
    group.processes.wire.deliverAll();
    group.start(2);
    group.pass(5);

    expect(second.views[0]?.members[1]?.address).toBe(second.self);
  });

  test('a restarted first node gets no joiners of its former life: they end and say why', () => {
    const group = new Group();
    const [first, joiner] = [group.start(0), group.start(1)];
    group.pass(5);
    group.crash(first);

    const second = group.start(0);
    group.start(2);
    group.pass(5);

    expect(joiner.all(JoinRefused)).toMatchObject([{ code: 'first-node-restarted' }]);
    expect(second.views).toStrictEqual([]);
    group.crash(joiner);
    group.start(1);
    group.pass(5);
    expect(second.views).toHaveLength(1);
  });

  test('a node of another cluster hears at once that it is wrong here', () => {
    const group = new Group();
    const first = group.start(0);

    const foreign = group.start(1, 'other');
    group.pass(0.1);

    expect(foreign.all(JoinRefused)).toMatchObject([{ code: 'foreign-cluster' }]);
    expect(first.all(Waiting)).toHaveLength(1);
  });
});

describe('the end of the first node', () => {
  test('before anybody knows who has gathered: all end after the boot time-out', () => {
    const group = new Group();
    group.processes.wire.rule(({ message }, otherwise) =>
      message instanceof Found ? 'drop' : otherwise,
    );
    const [first, ...joiners] = [0, 1, 2].map((index) => group.start(index));
    group.pass(5);
    if (first) group.crash(first);

    group.pass(61);

    for (const { views } of joiners) expect(views).toStrictEqual([]);
    for (const joiner of joiners) expect(joiner.all(BootTimedOut)).toHaveLength(1);
  });

  test('when a majority knows: those bring the view about, and to the one that does not know', () => {
    const group = new Group({ nodes: 5 });
    group.processes.wire.rule(({ message, destination }, otherwise) =>
      (message instanceof Found || message instanceof Install) && destination.endsWith(':7102')
        ? 'drop'
        : otherwise,
    );
    const nodes = [0, 1, 2, 3, 4].map((index) => group.start(index));
    group.pass(0.01);
    const [first, ...others] = nodes;
    if (first) group.crash(first);
    group.pass(20);
    expect(nodes.map(({ views }) => views.length)).toStrictEqual([0, 1, 0, 1, 1]);

    group.processes.wire.rule(({ message, source }, otherwise) =>
      message instanceof Install && source.endsWith(':7101') ? 1 : otherwise,
    );
    group.pass(5);

    for (const { views } of others) expect(views).toHaveLength(1);
  });

  test('and its restart, when one knows who has gathered, but not the view: it stays, and gets the view', () => {
    const group = new Group();
    group.processes.wire.rule(({ message, destination }, otherwise) =>
      destination.endsWith(':7101') && /Install$|Decided$/.test(message.declaration.type)
        ? 'drop'
        : otherwise,
    );
    const [first, second] = [0, 1, 2].map((index) => group.start(index));
    group.pass(0.01);
    if (first) group.crash(first);
    group.start(0);

    group.pass(20);

    expect(second?.all(JoinRefused)).toStrictEqual([]);
    expect(second?.views).toHaveLength(1);
  });

  test('after all have the view: they go on without it, and suspect it', () => {
    const { group, members } = Group.booted();
    const [first, ...others] = members;
    if (first) group.crash(first);

    group.pass(120);

    for (const member of others) {
      expect(member.suspected).toStrictEqual([first?.self]);
      expect(member.all(BootTimedOut)).toStrictEqual([]);
    }
  });

  test('and its restart: it hears that the cluster lives, and ends', () => {
    const { group, members } = Group.booted();
    const [first] = members;
    if (first) group.crash(first);

    const second = group.start(0);
    group.pass(5);

    expect(second.all(JoinRefused)).toMatchObject([{ code: 'cluster-lives' }]);
    expect(second.views).toStrictEqual([]);
  });
});

describe('a complete group', () => {
  test('refuses a node that comes late', () => {
    const { group, members } = Group.booted();

    const late = group.start(5);
    group.pass(5);

    expect(late.all(JoinRefused)).toMatchObject([{ code: 'cluster-complete' }]);
    for (const { views } of members) expect(views).toHaveLength(1);
  });

  test.each([0, 1])(
    'T09: node %i, restarted, gets no view; its former life stays suspected',
    (index) => {
      const { group, members } = Group.booted();
      const [former] = members.slice(index);
      const others = members.filter((member) => member !== former);
      if (former) group.crash(former);
      group.pass(5);

      const again = group.start(index);
      group.pass(120);

      const refusals = again.all(JoinRefused);
      expect(refusals).toMatchObject([{ code: index === 0 ? 'cluster-lives' : 'stranger' }]);
      expect(again.views).toStrictEqual([]);
      for (const member of others) expect(member.suspected).toStrictEqual([former?.self]);
    },
  );

  test('a member that comes back, as the same process, is restored', () => {
    const { group, members } = Group.booted();
    const isCut = { value: true };
    group.processes.wire.rule(({ source, destination }, otherwise) =>
      isCut.value && [source, destination].some((end) => end.endsWith(':7101'))
        ? 'drop'
        : otherwise,
    );
    group.pass(10);
    const [first, second, third] = members;
    expect(first?.suspected).toStrictEqual([second?.self]);
    expect(second?.suspected).toStrictEqual([first?.self, third?.self]);

    isCut.value = false;
    group.pass(60);

    for (const { suspected } of members) expect(suspected).toStrictEqual([]);
  });

  test('tells clients that follow each change of the suspicions', () => {
    const { group, members } = Group.booted();
    const [, , third] = members;
    const client = group.processes.create(Address.parse('client@'), (_, network) => network, {
      clusterId: 'test',
    });
    const network = client.clientOf(client.component.network);
    group.processes.start();

    network.trigger(new ViewRequest(Address.parse('@127.0.0.1:7101'), { follow: true, known: 0 }));
    group.pass(1);
    if (third) group.crash(third);
    group.pass(5);

    const [view] = members[0]?.views ?? [];
    expect(network.take()).toMatchObject([
      { view, suspected: [] },
      { epoch: 1, suspected: [third?.self] },
    ]);
  });
});

/** Messages are lost, doubled and late by chance, as long as this is true. */
interface Weather {
  stormy: boolean;
}

function storm(group: Group, random: Random): Weather {
  const weather = { stormy: true };
  const { host, wire } = group.processes;
  wire.rule((envelope, otherwise) => {
    if (!weather.stormy || random.float() < 0.3) return otherwise;
    if (random.float() < 0.3) {
      host.after(random.int(20_000), () => {
        wire.deliver(envelope);
      });
    }
    return random.float() < 0.4 ? 'drop' : random.int(8_000);
  });
  return weather;
}

/** What must hold of all lives at any time, whatever the network does. */
function expectSafety(lives: readonly Node[]): void {
  const byMember = new Map<Address, View>();
  for (const node of lives) {
    const { views } = node;
    const ends = node.all(JoinRefused).length + node.all(BootTimedOut).length;
    expect(views.length + ends).toBeLessThanOrEqual(1);
    for (const view of views) {
      expect(view.members.map(({ address }) => address)).toContain(node.self);
      for (const { address } of view.members) {
        expect(byMember.get(address) ?? view).toEqual(view);
        byMember.set(address, view);
      }
    }
  }
}

describe('by chance', () => {
  const seeds = Array.from({ length: 12 }, (_, index) => `seed ${index + 1}`);

  test.each(seeds)(
    'a group whose messages are lost, doubled and late boots at last: %s',
    (seed) => {
      const random = chanceOf(seed);
      const group = new Group({ nodes: 1 + random.int(5), replication: 1, seed });
      const weather = storm(group, random);
      for (const index of random.shuffle(Array.from({ length: group.nodes }, (_, i) => i))) {
        group.start(index);
        group.pass(random.int(8));
      }
      group.pass(10);
      weather.stormy = false;
      group.pass(40);

      expectSafety(group.lives);
      const [view] = group.lives[0]?.views ?? [];
      expect(view).toBeDefined();
      for (const { views } of group.lives) expect(views).toEqual([view]);
    },
  );

  test.each(seeds)('no process is in two views, whoever crashes and is restarted: %s', (seed) => {
    const random = chanceOf(seed);
    const group = new Group({ nodes: 2 + random.int(3), replication: 1, seed });
    const weather = storm(group, random);
    const running = new Map<number, Node>();
    for (let step = 0; step < 40; step += 1) {
      const index = random.int(group.nodes + 1);
      const node = running.get(index);
      if (node && random.int(3) === 0) {
        group.crash(node);
        running.delete(index);
      } else if (!node) running.set(index, group.start(index));
      group.pass(random.int(5));
      expectSafety(group.lives);
    }
    weather.stormy = false;
    group.pass(120);

    expectSafety(group.lives);
    const alive = [...running.values()];
    const waiting = alive.filter((node) => {
      const ends = node.all(JoinRefused).length + node.all(BootTimedOut).length;
      return node.views.length + ends === 0;
    });
    const first = running.get(0);
    // Who still waits is a first node with too few others, or waits for just that one.
    if (!first || !waiting.includes(first)) expect(waiting).toStrictEqual([]);
    expect(waiting.length).toBeLessThan(group.nodes);
  });
});
