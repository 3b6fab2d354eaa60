import { Propose } from '@jbstore/consensus/port';
import { Trust } from '@jbstore/eld/port';
import { ChangeReply, ChangeRequest, NewView, firstView } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { Reconfiguration } from '../src/reconfiguration';

const members = Array.from({ length: 4 }, (_, at) =>
  Address.parse(`n${String(at + 1)}@127.0.0.1:${String(7101 + at)}`),
);
const client = Address.parse('client@');
const settings = { clusterId: 'test', replication: 3, register: 'exactly-once' } as const;
/** The council of four is of three: the last one is not in it. */
const view = firstView(settings, members);

/** The member at this place takes itself for the leader, and is asked to let the third one go. */
function asked(place: number) {
  const self = members[place] ?? client;
  const harness = new Harness();
  const reconfiguration = harness.create(Reconfiguration, { self });
  harness.create(HostTimer).timer.connect(reconfiguration.timer);
  const eld = harness.providerOf(reconfiguration.eld);
  const consensus = harness.providerOf(reconfiguration.consensus);
  const network = harness.providerOf(reconfiguration.network);
  harness.providerOf(reconfiguration.epfd);
  harness.providerOf(reconfiguration.bootstrapping);
  const membership = harness.providerOf(reconfiguration.membership);
  harness.start();
  membership.trigger(new NewView(view));
  eld.trigger(new Trust(self));
  const change = { kind: 'leave', endpoint: '127.0.0.1:7103' } as const;
  const request = { id: 1, client: null, change };
  network.trigger(new ChangeRequest(self, request, { source: client }));
  harness.advance(1_000);
  const verdicts = network.takeAll(ChangeReply).map(({ verdict }) => verdict);
  return { verdicts, proposed: consensus.takeAll(Propose).length };
}

test('a member of the council that is trusted to lead proposes views', () => {
  expect(view.council).toStrictEqual([1, 2, 3]);
  expect(asked(0)).toStrictEqual({ verdicts: ['accepted'], proposed: 1 });
});

test('a member outside it does not, though it has not heard yet who leads now', () => {
  expect(asked(3)).toStrictEqual({ verdicts: [], proposed: 0 });
});
