import { ViewService, type ViewServiceInit } from '@jbstore/gms';
import {
  JoinRefused,
  NewView,
  NoView,
  SuspicionsChanged,
  SuspicionsReply,
  ViewReply,
  ViewRequest,
  Waiting,
  epochOf,
  firstView,
} from '@jbstore/gms/port';
import { Address, Connected, Disconnected, SessionLost } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { CancelTimeout, ScheduleTimeout } from '@jbstore/timer/port';

const p = Address.parse('p@127.0.0.1:7100');
const q = Address.parse('q@127.0.0.1:7101');
const client = Address.parse('c@');
const other = Address.parse('d@');

const settings = { clusterId: 'test', replication: 2, register: 'multi-writer' } as const;
const view = firstView(settings, [p, q]);
const epoch = epochOf(view);
const nextView = { ...view, number: view.number + 1 };

/** A service with a probe on each port, and virtual time. */
class Setting {
  readonly harness = new Harness();
  readonly membership;
  readonly network;
  readonly status;

  constructor(init: ViewServiceInit = { followerOutageMs: 1_000 }) {
    const service = this.harness.create(ViewService, init);
    this.harness.create(HostTimer).timer.connect(service.timer);
    this.membership = this.harness.providerOf(service.membership);
    this.network = this.harness.providerOf(service.network);
    this.status = this.harness.providerOf(service.networkStatus);
    this.harness.start();
  }

  readonly ask = (source: Address, follow: boolean, known = 0): void => {
    this.network.trigger(new ViewRequest(p, { follow, known }, { source }));
  };

  /** Who is told of a change of the suspicions. */
  readonly told = (): readonly Address[] => {
    this.network.take();
    this.membership.trigger(new SuspicionsChanged([q]));
    return this.network.take().map(({ destination }) => destination);
  };

  readonly counter = (name: string): number | undefined =>
    this.harness.system.counters().find((counter) => counter.name === name)?.value;
}

function complete(init?: ViewServiceInit): Setting {
  const setting = new Setting(init);
  setting.membership.trigger(new NewView(view));
  return setting;
}

describe('ViewService', () => {
  test('says what is missing, as long as there is no view', () => {
    const { membership, network, ask } = new Setting();
    membership.trigger(new Waiting('1 of 2 nodes have joined'));
    membership.trigger(new Waiting('2 of 2 nodes have joined'));

    ask(client, false);

    expect(network.take()).toStrictEqual([
      new NoView(client, { waitingFor: '2 of 2 nodes have joined' }),
    ]);
  });

  test('says why there will be no view', () => {
    const { membership, network, ask } = new Setting();
    membership.trigger(new JoinRefused('stranger', 'cannot take you back'));

    ask(client, false);

    expect(network.take()).toStrictEqual([
      new NoView(client, { waitingFor: 'cannot take you back' }),
    ]);
  });

  test('tells the view, and who is suspected now', () => {
    const { membership, network, ask } = complete();
    ask(client, false);
    membership.trigger(new SuspicionsChanged([q]));
    ask(client, false);

    expect(network.take()).toStrictEqual([
      new ViewReply(client, { view, suspected: [] }),
      new ViewReply(client, { view, suspected: [q] }),
    ]);
  });

  test('tells those who follow the view as soon as there is one, and each change', () => {
    const { membership, network, ask } = new Setting();
    ask(client, true);
    ask(other, false);
    network.take();

    membership.trigger(new NewView(view));
    membership.trigger(new SuspicionsChanged([q]));
    membership.trigger(new SuspicionsChanged([]));

    expect(network.take()).toStrictEqual([
      new ViewReply(client, { view, suspected: [] }),
      new SuspicionsReply(client, { epoch, suspected: [q] }),
      new SuspicionsReply(client, { epoch, suspected: [] }),
    ]);
  });

  test('does not tell the view to who knows it, follower or not, and the next one to both', () => {
    const { membership, network, ask } = complete();
    ask(client, true, epoch);
    ask(other, false, epoch);
    expect(network.take()).toStrictEqual([
      new SuspicionsReply(client, { epoch, suspected: [] }),
      new SuspicionsReply(other, { epoch, suspected: [] }),
    ]);

    membership.trigger(new NewView(nextView));
    ask(other, false, epoch);
    membership.trigger(new SuspicionsChanged([q]));
    expect(network.take()).toStrictEqual([
      new ViewReply(client, { view: nextView, suspected: [] }),
      new ViewReply(other, { view: nextView, suspected: [] }),
      new SuspicionsReply(client, { epoch: epochOf(nextView), suspected: [q] }),
    ]);
  });

  test('does not tell an older view to who has heard of a newer one elsewhere', () => {
    const { membership, network, ask } = complete();
    ask(client, true, epochOf(nextView));
    membership.trigger(new SuspicionsChanged([q]));
    membership.trigger(new NewView(nextView));

    expect(network.take()).toStrictEqual([
      new SuspicionsReply(client, { epoch, suspected: [] }),
      new SuspicionsReply(client, { epoch, suspected: [q] }),
      new SuspicionsReply(client, { epoch: epochOf(nextView), suspected: [q] }),
    ]);
  });

  test('tells the view again to a client whose session was lost and that has none', () => {
    const { network, status, ask } = complete();
    ask(client, true);
    status.trigger(new SessionLost(client, 0, 'outage'));
    ask(client, true);

    expect(network.takeAll(ViewReply)).toHaveLength(2);
  });

  test('tells a client once, however often it asked to follow', () => {
    const { ask, told } = complete();
    ask(client, true);
    ask(client, true);

    expect(told()).toStrictEqual([client]);
  });

  test('does not tell any more who asks without following', () => {
    const { ask, told } = complete();
    ask(client, true);
    ask(client, false);

    expect(told()).toStrictEqual([]);
  });

  test('forgets a client whose session is lost', () => {
    const { status, ask, told, counter } = complete();
    ask(client, true);
    ask(other, true);
    expect(counter('gms.followers')).toBe(2);

    status.trigger(new SessionLost(client, 0, 'outage'));

    expect(told()).toStrictEqual([other]);
    expect(counter('gms.followers')).toBe(1);
  });

  test('forgets a client that is disconnected for long', () => {
    const { harness, status, ask, told } = complete();
    ask(client, true);

    status.trigger(new Disconnected(client, 'gone'));
    harness.advance(500);
    status.trigger(new Disconnected(client, 'gone'));
    harness.advance(499);
    expect(told()).toStrictEqual([client]);

    harness.advance(1);
    expect(told()).toStrictEqual([]);
  });

  test('keeps a client that is connected again, and counts anew when that ends', () => {
    const { harness, status, ask, told } = complete();
    ask(client, true);
    status.trigger(new Disconnected(client, 'gone'));
    harness.advance(999);

    status.trigger(new Connected(client, true));
    harness.advance(10_000);
    expect(told()).toStrictEqual([client]);

    status.trigger(new Disconnected(client, 'gone'));
    harness.advance(999);
    expect(told()).toStrictEqual([client]);
    harness.advance(1);
    expect(told()).toStrictEqual([]);
  });

  test('gives a client that follows anew its full time', () => {
    const { harness, status, ask, told } = complete();
    ask(client, true);
    status.trigger(new Disconnected(client, 'gone'));
    harness.advance(500);
    status.trigger(new SessionLost(client, 0, 'ended by peer'));

    ask(client, true);
    harness.advance(10_000);

    expect(told()).toStrictEqual([client]);
  });

  test('takes back the time-out of a client that it forgets, and minds no other', () => {
    const harness = new Harness();
    const service = harness.create(ViewService);
    const timer = harness.providerOf(service.timer);
    const network = harness.providerOf(service.network);
    const status = harness.providerOf(service.networkStatus);
    const membership = harness.providerOf(service.membership);
    harness.start();
    const followed = new ViewRequest(p, { follow: true, known: 0 }, { source: client });

    harness
      .script()
      .allow(network, NoView)
      .trigger(network, followed)
      .trigger(status, new Disconnected(client, 'gone'))
      .expect(timer, ScheduleTimeout)
      .trigger(status, new SessionLost(client, 0, 'outage'))
      .expect(timer, CancelTimeout)
      .do((came) => {
        const { timeout } = came.last(timer, ScheduleTimeout);
        expect(came.last(timer, CancelTimeout).timeout).toBe(timeout);
      })
      .trigger(network, followed)
      .trigger(timer, (came) => came.last(timer, ScheduleTimeout).timeout)
      .trigger(membership, new NewView(view))
      .expect(network, new ViewReply(client, { view, suspected: [] }))
      .run();
  });

  test('does not refuse who follows already, however many there are', () => {
    const { ask, counter } = complete({ mostFollowers: 1 });

    ask(client, true);
    ask(client, true);

    expect(counter('gms.followers.refused')).toBeUndefined();
  });

  test('answers more clients than it tells', () => {
    const { network, ask, told, counter } = complete({ mostFollowers: 1 });
    ask(client, true);
    ask(other, true);

    expect(network.take()).toHaveLength(2);
    expect(told()).toStrictEqual([client]);
    expect(counter('gms.followers.refused')).toBe(1);
  });

  test('has forgotten who followed after a rest', () => {
    const { harness, ask, told } = complete();
    ask(client, true);

    harness.stop();
    harness.start();

    expect(told()).toStrictEqual([]);
  });
});
