import {
  RuntimeError,
  type EventClass,
  type Port,
  type PortEvent,
  type PortType,
  type System,
} from '@jbstore/core';

import type { Point, Tape } from './tape';

/** A port got other events than the test said. */
export class UnexpectedEventsError extends RuntimeError {
  override readonly code = 'ERR_UNEXPECTED_EVENTS';

  constructor(
    readonly expected: string,
    readonly received: readonly PortEvent[],
  ) {
    const came = received.map((event) => event.constructor.name).join(', ') || 'nothing';
    super(`expected ${expected}, but there came ${came}`);
  }
}

/** Takes the events of one kind that a test says. */
export interface Target<Out extends PortEvent> extends Point {
  /** Triggers `event`; what follows from it happens when the test lets it. */
  next(event: Out): void;
}

/** One direction of a port. What comes there is kept until a test takes it or a script reads it. */
export abstract class Observed<E extends PortEvent> implements Point {
  readonly #tape: Tape;

  /** @param name - the path and field of the port under test: `test/component.field` */
  constructor(
    readonly name: string,
    tape: Tape,
  ) {
    this.#tape = tape;
    tape.observe(this);
  }

  /** Removes and returns the events that came since the last call, oldest first. */
  take(): readonly E[] {
    return this.#tape.take(this) as readonly E[];
  }

  /** As {@link take}, but only the events of the class `type`; the others are kept. */
  takeAll<M extends E>(type: EventClass<M>): readonly M[] {
    return this.#tape.take(this, (event) => event instanceof type) as readonly M[];
  }

  /**
   * Removes and returns the only event that came since the last call.
   * @throws {@link UnexpectedEventsError} unless it is just one, of the class `type`.
   */
  takeOne<M extends E>(type: EventClass<M>): M {
    const received = this.take();
    const [event] = received;
    if (received.length === 1 && event instanceof type) return event;
    throw new UnexpectedEventsError(`one ${type.name}`, received);
  }

  /**
   * Records what arrives at `end`, and hands it to `pass` unless a script drops it. What is on its way
   * when a fault ends the system had come before the fault, so a script sees that too.
   */
  protected listen(
    system: System,
    end: Port<PortType, E, never>,
    pass: (event: E) => void = () => undefined,
  ): void {
    end.subscribe((event) => {
      if (this.#tape.record(this, event)) pass(event);
    });
    system.deadLetters.subscribe(({ event, port, reason }) => {
      const lost = reason === 'killed' && this.#tape.isRead && port === end.name;
      if (lost) this.#tape.record(this, event);
    });
  }
}
