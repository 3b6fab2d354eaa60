import { dispatch, spawn, start, stop } from 'nact';

import { Crew, type Member } from './core-crew';
import { serve } from './core-process';
import type { Message } from './core-turns';

let actors = 0;

/** nact actors, each with a name of its own: those that it invents collide now and then. */
serve(
  new Crew({
    begin: () => start(),
    make: (receive, _turns, system) => {
      const others: Member[] = [];
      const actor = spawn(
        system,
        (state: unknown, message: Message) => {
          receive(message);
          return state;
        },
        `member-${String((actors += 1))}`,
      );
      return {
        send: (message) => {
          for (const other of others) other.accept(message);
        },
        accept: (message) => {
          dispatch(actor, message);
        },
        connect: (other) => {
          others.push(other);
        },
      };
    },
    end: (system) => {
      stop(system);
    },
  }),
);
