import { Subject } from 'rxjs';

import { Crew, type Member } from './core-crew';
import { serve } from './core-process';
import type { Message, Receive } from './core-turns';

/** A member that others can connect with by its subject. */
interface RxMember extends Member {
  readonly arriving: Subject<Message>;
}

/** RxJS Subjects in a chain: port, channel, port, and then turns, so that handlers are atomic. */
serve(
  new Crew({
    begin: () => undefined,
    make: (receive, turns): RxMember => {
      const arriving = new Subject<Message>();
      const leaving = new Subject<Message>();
      const channels: Subject<Message>[] = [];
      arriving.subscribe((message) => {
        turns.take(receive, message);
      });
      return {
        arriving,
        send: (message) => {
          leaving.next(message);
        },
        accept: (message) => {
          arriving.next(message);
        },
        connect: (other) => {
          const channel = new Subject<Message>();
          channels.push(channel);
          leaving.subscribe(channel);
          channel.subscribe((other as RxMember).arriving);
        },
        tap: (where, observer: Receive) => {
          for (const subject of where === 'channel' ? channels : [arriving]) {
            subject.subscribe(observer);
          }
        },
      };
    },
  }),
);
