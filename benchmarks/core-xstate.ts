import { createActor, fromTransition } from 'xstate';

import { Crew, type Member } from './core-crew';
import { serve } from './core-process';
import type { Message } from './core-turns';

/** XState actors of `fromTransition`, which handle what they are sent within the send. */
serve(
  new Crew({
    begin: () => undefined,
    make: (receive) => {
      const others: Member[] = [];
      const actor = createActor(
        fromTransition((state: number, message: Message) => {
          receive(message);
          return state;
        }, 0),
      );
      actor.start();
      return {
        send: (message) => {
          for (const other of others) other.accept(message);
        },
        accept: (message) => {
          actor.send(message);
        },
        connect: (other) => {
          others.push(other);
        },
      };
    },
  }),
);
