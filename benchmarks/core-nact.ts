import { dispatch, spawn, start, stop } from 'nact';

import { crewIn, type Member } from './core-crew';

let actors = 0;

/** nact 7 actors, each with a name of its own: those that it invents collide now and then. */
export const nact = crewIn(
  'nact',
  100_000,
  (receive, _enqueue, system): Member => {
    const others: Member[] = [];
    const actor = spawn(
      system,
      (state: unknown, event: number) => {
        receive(event);
        return state;
      },
      `member-${String((actors += 1))}`,
    );
    return {
      send: (event) => {
        for (const other of others) other.accept(event);
      },
      accept: (event) => {
        dispatch(actor, event);
      },
      connect: (other) => {
        others.push(other);
      },
    };
  },
  { begin: () => start(), end: stop },
);
