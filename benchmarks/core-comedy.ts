import { createSystem, type Actor, type ActorRef, type ActorSystem } from 'comedy';

import { Crew, type Member } from './core-crew';
import { serve } from './core-process';
import type { Message } from './core-turns';

interface World {
  readonly system: ActorSystem;
  readonly root: Actor;
  readonly coming: PromiseLike<unknown>[];
}

/** comedy actors in memory; `send`, which nobody waits for, is quicker than `sendAndReceive`. */
serve(
  new Crew<World>({
    begin: async () => {
      // In test mode it writes no log.
      const system = createSystem({ test: true });
      return { system, root: await system.rootActor(), coming: [] };
    },
    make: (receive, _turns, { root, coming }) => {
      const others: Member[] = [];
      let actor: ActorRef | undefined;
      const told = (message: Message): void => {
        receive(message);
      };
      coming.push(
        root.createChild({ told }, { mode: 'in-memory' }).then((created) => {
          actor = created;
        }),
      );
      return {
        send: (message) => {
          for (const other of others) other.accept(message);
        },
        accept: (message) => {
          void actor?.send('told', message);
        },
        connect: (other) => {
          others.push(other);
        },
      };
    },
    ready: ({ coming }) => Promise.all(coming),
    end: ({ system }) => system.destroy(),
  }),
);
