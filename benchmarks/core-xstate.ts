import { createActor, fromTransition } from 'xstate';

import { crew, type Member } from './core-crew';

interface Told {
  readonly type: 'told';
  readonly event: number;
}

/** XState 5 actors of `fromTransition`, which handle what they are sent within the send. */
export const xstate = crew('xstate', 400_000, (receive): Member => {
  const others: Member[] = [];
  const actor = createActor(
    fromTransition((state: number, { event }: Told) => {
      receive(event);
      return state;
    }, 0),
  );
  actor.start();
  return {
    send: (event) => {
      for (const other of others) other.accept(event);
    },
    accept: (event) => {
      actor.send({ type: 'told', event });
    },
    connect: (other) => {
      others.push(other);
    },
  };
});
