import { ChangeReply, ChangeRequest, firstView, type ChangeVerdict } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { Administrator } from '../src/administrator';
import { AskChange, ChangeAnswered, ViewLearned } from '../src/port';

const [a, b, c] = ['a', 'b', 'c'].map((id, at) => Address.parse(`${id}@127.0.0.1:${7100 + at}`));
const me = Address.parse('me@');
const settings = { clusterId: 'test', replication: 3, register: 'exactly-once' } as const;
const change = { kind: 'leave', endpoint: '127.0.0.1:7101' } as const;

function setUp() {
  const harness = new Harness();
  const administrator = harness.create(Administrator);
  harness.create(HostTimer).timer.connect(administrator.timer);
  const administration = harness.clientOf(administrator.administration);
  const network = harness.providerOf(administrator.network);
  const cluster = harness.providerOf(administrator.cluster);
  harness.start();
  const view = firstView(
    settings,
    [a, b, c].filter((member) => member !== undefined),
  );
  cluster.trigger(new ViewLearned(view));
  const asked = (): readonly Address[] =>
    network.takeAll(ChangeRequest).map(({ destination }) => destination);
  const reply = (id: number, verdict: ChangeVerdict, text: string): void => {
    network.trigger(new ChangeReply(me, { id, verdict, text }, { source: a ?? me }));
  };
  return { harness, administration, network, cluster, view, asked, reply };
}

describe('Administrator', () => {
  test('asks one member after the other until the leader has answered, and hears it once', () => {
    const { harness, administration, asked, reply } = setUp();
    const ask = new AskChange(change, 5_000);
    administration.trigger(ask);
    expect(asked()).toStrictEqual([a]);

    harness.advance(500);
    expect(asked()).toStrictEqual([b, c]);
    reply(1, 'not now', 'nobody leads');
    expect(administration.take()).toStrictEqual([]);
    reply(1, 'accepted', 'it is being done');
    reply(1, 'accepted', 'it is being done');

    expect(administration.take()).toStrictEqual([
      new ChangeAnswered(ask, 'accepted', 'it is being done'),
    ]);
    harness.advance(10_000);
    expect(asked()).toStrictEqual([]);
    expect(administration.take()).toStrictEqual([]);
  });

  test('says when its time is over what it has heard last', () => {
    const { harness, administration, reply } = setUp();
    const [silent, told] = [new AskChange(change, 1_000), new AskChange(change, 1_000)];
    administration.trigger(silent);
    administration.trigger(told);
    reply(2, 'not now', 'nobody leads');

    harness.advance(999);
    expect(administration.take()).toStrictEqual([]);
    harness.advance(251);

    expect(administration.take()).toStrictEqual([
      new ChangeAnswered(silent, 'not now', 'no member has answered'),
      new ChangeAnswered(told, 'not now', 'nobody leads'),
    ]);
  });

  test('asks nobody who was evicted', () => {
    const { harness, administration, cluster, view, asked } = setUp();
    const members = view.members.map((member) =>
      member.address === a ? { ...member, state: 'evicted' as const } : member,
    );
    cluster.trigger(new ViewLearned({ ...view, members }));

    administration.trigger(new AskChange(change, 1_000));
    harness.advance(250);

    expect(asked()).toStrictEqual([b, c]);
  });

  test('takes a refusal for an answer', () => {
    const { administration, reply } = setUp();
    const ask = new AskChange(change, 1_000);
    administration.trigger(ask);

    reply(1, 'refused', 'no member');

    expect(administration.take()).toStrictEqual([new ChangeAnswered(ask, 'refused', 'no member')]);
  });
});
