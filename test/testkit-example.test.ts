import { HeartbeatReply, HeartbeatRequest, IncreasingTimeout } from '@jbstore/epfd';
import { Follow, Suspect } from '@jbstore/epfd/port';
import { Address } from '@jbstore/network/port';
import { Harness, Processes, type Process } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { CancelTimeout, ScheduleTimeout, Timeout } from '@jbstore/timer/port';

const [p, q] = [Address.parse('p@host:1'), Address.parse('q@host:2')];

test('one component: a timeout that is taken back does not come', () => {
  const harness = new Harness();
  const timer = harness.clientOf(harness.create(HostTimer).timer);
  const timeout = new Timeout();
  harness.start();

  timer.trigger(new ScheduleTimeout(10, timeout));
  timer.trigger(new CancelTimeout(timeout));
  harness.advance(1_000);

  expect(timer.take()).toStrictEqual([]);
});

test('one component, by a script: who does not answer in its round is suspected', () => {
  const harness = new Harness();
  const detector = harness.create(IncreasingTimeout, { initialDelayMs: 100 });
  const epfd = harness.clientOf(detector.epfd);
  const network = harness.providerOf(detector.network);
  const timer = harness.between(harness.create(HostTimer).timer, detector.timer);

  harness
    .script()
    .allow(timer.requests)
    .allow(timer.indications)
    .start()
    .trigger(epfd, new Follow(q))
    .repeat(3, (round) =>
      round.advance(100).answer(network, HeartbeatRequest, ({ sequence }) => answerTo(sequence)),
    )
    .advance(100)
    .expect(network, HeartbeatRequest)
    .advance(100)
    .unordered((any) => any.expect(epfd, new Suspect(q)).expect(network, HeartbeatRequest))
    .run();
});

function answerTo(sequence: number): HeartbeatReply {
  return new HeartbeatReply(p, { sequence, news: {} }, { source: q });
}

function begin(processes: Processes, self: Address): Process<IncreasingTimeout> {
  return processes.create(self, (system, network) => {
    const timer = system.create(HostTimer);
    const detector = system.create(IncreasingTimeout);
    network.network.connect(detector.network);
    timer.timer.connect(detector.timer);
    return detector;
  });
}

test('two processes: one whose messages are all lost is suspected', () => {
  const processes = new Processes('seed 1');
  const [watcher] = [p, q].map((self) => begin(processes, self));
  const epfd = watcher?.clientOf(watcher.component.epfd);
  processes.wire.rule(({ source }, otherwise) => (source === q ? 'drop' : otherwise));
  processes.start();

  epfd?.trigger(new Follow(q));
  processes.advance(5_000);

  expect(epfd?.take()).toStrictEqual([new Suspect(q)]);
});
