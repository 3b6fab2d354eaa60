import { Subject } from 'rxjs';

import { crew, type Member } from './core-crew';

/** RxJS Subjects in a chain: port, channel, port, and then a queue, so that handlers are atomic. */
export const rxjs = crew('rxjs', 1_000_000, (receive, enqueue): Member => {
  const arriving = new Subject<number>();
  const leaving = new Subject<number>();
  arriving.subscribe((event) => {
    enqueue(() => {
      receive(event);
    });
  });
  return {
    send: (event) => {
      leaving.next(event);
    },
    accept: (event) => {
      arriving.next(event);
    },
    connect: (other) => {
      const channel = new Subject<number>();
      leaving.subscribe(channel);
      channel.subscribe((event) => {
        other.accept(event);
      });
    },
  };
});
