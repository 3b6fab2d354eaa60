/** Three processes in virtual time watch one another; one of them crashes. */
import { Component, Start, type Context } from '@jbstore/core';
import { IncreasingTimeout } from '@jbstore/epfd';
import { EventuallyPerfectFailureDetector, Follow, Restore, Suspect } from '@jbstore/epfd/port';
import { ProcessId, address, type Address } from '@jbstore/network/port';
import { Processes } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

/** Follows `others`, and prints what the failure detector says of them. */
class Watcher extends Component {
  readonly epfd = this.requires(EventuallyPerfectFailureDetector);

  constructor(context: Context, others: readonly Address[]) {
    super(context);
    const say = (verb: string, process: Address): void => {
      const atMs = String(context.host.now()).padStart(5);
      console.log(`${atMs} ms: ${context.path.slice(0, 1)} ${verb} ${process.slice(0, 1)}`);
    };

    this.control.upon(Start, () => {
      for (const other of others) this.epfd.next(new Follow(other));
    });

    this.epfd.upon(Suspect, ({ process }) => {
      say('suspects', process);
    });

    this.epfd.upon(Restore, ({ process }) => {
      say('restores', process);
    });
  }
}

const [p, q, r] = ['p', 'q', 'r'].map((name, index) =>
  address({ id: ProcessId.parse(name), host: '10.0.0.1', port: 7000 + index }),
) as [Address, Address, Address];
const processes = new Processes('example');

const [, , crashing] = [p, q, r].map((self) =>
  processes.create(self, (system, network) => {
    const timer = system.create(HostTimer);
    const detector = system.create(IncreasingTimeout, {});
    const watcher = system.create(
      Watcher,
      [p, q, r].filter((other) => other !== self),
    );
    timer.timer.connect(detector.timer);
    network.network.connect(detector.network);
    detector.epfd.connect(watcher.epfd);
    return watcher;
  }),
);

processes.start();
processes.advance(3_000);
if (crashing) processes.crash(crashing);
processes.advance(3_000);
