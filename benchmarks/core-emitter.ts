import { EventEmitter } from 'node:events';

import { crew, type Member } from './core-crew';

/** Node's EventEmitter, one per component and direction, and a queue, so that handlers are atomic. */
export const emitter = crew('EventEmitter', 1_000_000, (receive, enqueue): Member => {
  const events = new EventEmitter().setMaxListeners(0);
  events.on('arriving', (event: number) => {
    enqueue(() => {
      receive(event);
    });
  });
  return {
    send: (event) => {
      events.emit('leaving', event);
    },
    accept: (event) => {
      events.emit('arriving', event);
    },
    connect: (other) => {
      events.on('leaving', (event: number) => {
        other.accept(event);
      });
    },
  };
});
