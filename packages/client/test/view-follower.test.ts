import {
  NoView,
  SuspicionsReply,
  ViewReply,
  ViewRequest,
  epochOf,
  firstView,
} from '@jbstore/gms/port';
import {
  Connected,
  ConnectionRefused,
  Disconnected,
  ProcessId,
  SessionLost,
  address,
  type Address,
} from '@jbstore/network/port';
import { SchedulePeriodicTimeout } from '@jbstore/timer/port';
import { Harness } from '@jbstore/testkit';

import { Lost, NotReached, Reached, Refresh, SuspicionsLearned, ViewLearned } from '../src/port';
import { ViewFollower } from '../src/view-follower';

const node = (name: string, port: number): Address =>
  address({ id: ProcessId.parse(name), host: '127.0.0.1', port });
const [a, b, c] = [node('a', 1), node('b', 2), node('c', 3)];
const contact = address({ host: '127.0.0.1', port: 1 });
const me = address({ id: ProcessId.parse('me') });
const settings = { clusterId: 'test', replication: 3, register: 'multi-writer' } as const;
const view = firstView(settings, [a, b, c]);

function setUp() {
  const harness = new Harness();
  const follower = harness.create(ViewFollower, { contacts: [contact], askMs: 500 });
  const cluster = harness.clientOf(follower.cluster);
  const network = harness.providerOf(follower.network);
  const status = harness.providerOf(follower.status);
  const timer = harness.providerOf(follower.timer);
  harness.start();
  const { timeout } = timer.takeOne(SchedulePeriodicTimeout);
  const askAgain = (): void => {
    timer.trigger(timeout);
  };
  const asked = (): readonly Address[] => {
    const requests = network.takeAll(ViewRequest);
    expect(requests.every(({ follow }) => follow)).toBe(true);
    return requests.map(({ destination }) => destination);
  };
  const tell = (source: Address, suspected: Address[] = []): void => {
    network.trigger(new ViewReply(me, { view, suspected }, { source }));
  };
  const tellSuspicions = (source: Address, epoch: number, suspected: Address[]): void => {
    network.trigger(new SuspicionsReply(me, { epoch, suspected }, { source }));
  };
  return { cluster, network, status, askAgain, asked, tell, tellSuspicions };
}

describe('ViewFollower', () => {
  test('asks its contacts until one tells the view, then follows every member', () => {
    const { cluster, askAgain, asked, tell } = setUp();
    expect(asked()).toStrictEqual([contact]);
    askAgain();
    expect(asked()).toStrictEqual([contact]);

    tell(a);
    expect(cluster.take()).toMatchObject([new ViewLearned(view), new Reached(a)]);
    asked();
    askAgain();
    expect(asked()).toStrictEqual([b, c]);
  });

  test('counts who is suspected by how many others', () => {
    const { cluster, tell } = setUp();
    const suspicions = (): unknown => [
      ...(cluster.takeAll(SuspicionsLearned)[0]?.suspicions ?? []),
    ];
    tell(a);
    cluster.take();

    tell(a, [b]);
    expect(suspicions()).toStrictEqual([[b, 1]]);
    tell(c, [b, c]);
    expect(suspicions()).toStrictEqual([[b, 2]]);
    tell(a);
    expect(suspicions()).toStrictEqual([[b, 1]]);
  });

  test('says which view it knows, and hears suspicions without it', () => {
    const { cluster, network, tell, tellSuspicions } = setUp();
    const epoch = epochOf(view);
    expect(network.takeAll(ViewRequest)).toMatchObject([{ known: 0 }]);
    tell(a);
    expect(network.takeAll(ViewRequest)).toMatchObject([{ known: epoch }, { known: epoch }]);
    cluster.take();

    tellSuspicions(a, epoch, [b]);
    const [learned] = cluster.takeAll(SuspicionsLearned);
    expect([...(learned?.suspicions ?? [])]).toStrictEqual([[b, 1]]);
    expect(network.takeAll(ViewRequest)).toStrictEqual([]);
  });

  test('follows from era to era, and not to one that was forced beside its own', () => {
    const { cluster, network, tell } = setUp();
    tell(a);
    const next = { ...view, era: 1, number: 2, forces: [{ id: 'f', after: 1 }] };
    const rival = { ...next, number: 7, forces: [{ id: 'g', after: 1 }] };
    const learned = (): unknown => cluster.takeAll(ViewLearned);
    learned();

    network.trigger(new ViewReply(me, { view: next, suspected: [] }, { source: b }));
    expect(learned()).toEqual([new ViewLearned(next)]);
    network.trigger(new ViewReply(me, { view: rival, suspected: [] }, { source: c }));
    expect(learned()).toEqual([]);
  });

  test('asks for a newer view that a member takes for known', () => {
    const { asked, tell, tellSuspicions } = setUp();
    tell(a);
    asked();

    tellSuspicions(b, epochOf(view) + 1, []);
    expect(asked()).toStrictEqual([b]);
    tellSuspicions(b, epochOf(view), []);
    expect(asked()).toStrictEqual([]);
  });

  test('a member whose connection is gone is lost, with what it said, and followed again', () => {
    const { cluster, status, asked, askAgain, tell } = setUp();
    for (const member of [a, b, c]) tell(member, member === a ? [b] : []);
    cluster.take();
    asked();

    status.trigger(new Disconnected(a, 'reset'));
    expect(cluster.takeAll(SuspicionsLearned)[0]?.suspicions).toStrictEqual(new Map());
    expect(cluster.takeOne(Lost).process).toBe(a);
    status.trigger(new SessionLost(a, 0, 'outage'));
    expect(cluster.take()).toStrictEqual([]);
    askAgain();
    expect(asked()).toStrictEqual([a]);

    status.trigger(new Connected(a, false));
    expect(asked()).toStrictEqual([a]);
    tell(a);
    expect(cluster.takeAll(Reached)[0]?.process).toBe(a);
  });

  test('says why there is no view', () => {
    const { cluster, network, status } = setUp();

    network.trigger(new NoView(me, { waitingFor: '1 of 3' }, { source: a }));
    expect(cluster.takeOne(NotReached)).toMatchObject({ reason: '1 of 3', final: false });
    status.trigger(new ConnectionRefused(contact, 'ERR_FOREIGN_CLUSTER', 'it is another cluster'));
    expect(cluster.takeOne(NotReached)).toMatchObject({ contact, final: true });
  });

  test('asks whom it is told to ask, and ignores the word of strangers', () => {
    const { cluster, asked, tell } = setUp();
    tell(a);
    cluster.take();
    asked();

    cluster.trigger(new Refresh(b));
    expect(asked()).toStrictEqual([b]);
    tell(node('stranger', 9), [a]);
    expect(cluster.take()).toStrictEqual([]);
  });
});
