import { EventEmitter } from 'node:events';

import { Crew } from './core-crew';
import { serve } from './core-process';
import type { Message } from './core-turns';

/** Node's EventEmitter, one per component, and turns, so that handlers are atomic. */
serve(
  new Crew({
    begin: () => undefined,
    make: (receive, turns) => {
      const events = new EventEmitter().setMaxListeners(0);
      events.on('arriving', (message: Message) => {
        turns.take(receive, message);
      });
      return {
        send: (message) => {
          events.emit('leaving', message);
        },
        accept: (message) => {
          events.emit('arriving', message);
        },
        connect: (other) => {
          events.on('leaving', (message: Message) => {
            other.accept(message);
          });
        },
        tap: (where, observer) => {
          events.on(where === 'channel' ? 'leaving' : 'arriving', observer);
        },
      };
    },
  }),
);
