import { Told } from '@jbstore/epfd/port';
import { firstView, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { GroupMembership } from '../src/group-membership';
import { Install } from '../src/messages';
import { bytesOfNews, newsTopic } from '../src/news';
import { mostSlots } from '../src/position';
import { Stretches } from '../src/stretch';

const [self, other, third, evicted] = [1, 2, 3, 4].map((number) =>
  Address.parse(`n${String(number)}@127.0.0.1:${String(7100 + number)}`),
) as [Address, Address, Address, Address];
const settings = { clusterId: 'test', replication: 3, register: 'exactly-once' } as const;

test('who is listed no more is helped on, when it has told of itself late, until the view after', () => {
  const harness = new Harness();
  const component = harness.create(GroupMembership, { self });
  harness.create(HostTimer).timer.connect(component.timer);
  const network = harness.providerOf(component.network);
  const epfd = harness.providerOf(component.epfd);
  harness.providerOf(component.eld);
  harness.providerOf(component.consensus);
  harness.providerOf(component.bootstrapping);
  harness.providerOf(component.networkStatus);
  harness.start();
  const install = (view: View): void => {
    network.trigger(Install.declaration.received(new Install(self, { view }), other, self));
  };
  /** To whom it sends its view within ten seconds. */
  const helped = (): readonly Address[] => {
    network.take();
    harness.advance(10_000);
    return network.takeAll(Install).map(({ destination }) => destination);
  };

  install(firstView(settings, [self, other, third, evicted]));
  const next = firstView(settings, [self, other, third]);
  install({ ...next, number: 2 });
  const news = bytesOfNews({ epoch: 1, suspected: [], forces: [] });
  epfd.trigger(new Told(evicted, newsTopic, news));

  expect(new Set(helped())).toStrictEqual(new Set([evicted]));
  install({ ...next, number: 3 });
  expect(helped()).toStrictEqual([]);
});

test('of slots no more is told at once than there can be', () => {
  const all = { first: 0, slots: mostSlots, epoch: 1 };
  const one = { first: 0, slots: 1, epoch: 1 };

  expect(Stretches.safeParse([all]).success).toBe(true);
  expect(Stretches.safeParse([one, one]).success).toBe(true);
  expect(Stretches.safeParse([all, one]).success).toBe(false);
  expect(Stretches.safeParse(Array(1_000).fill(all)).success).toBe(false);
});
