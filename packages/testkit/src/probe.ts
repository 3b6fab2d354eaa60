import {
  RuntimeError,
  type EventClass,
  type Port,
  type PortEvent,
  type PortType,
} from '@jbstore/core';

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

/** The other end of a port under test: says what `Out` allows, and keeps what it is told. */
export class Probe<In extends PortEvent, Out extends PortEvent> {
  readonly #port: Port<PortType, In, Out>;
  readonly #settle: () => void;
  readonly #received: In[] = [];

  constructor(port: Port<PortType, In, Out>, settle: () => void) {
    this.#port = port;
    this.#settle = settle;
    port.subscribe((event) => this.#received.push(event));
  }

  /** Triggers `event`, and lets everything happen that follows from it at once. */
  trigger(event: Out): void {
    this.#port.next(event);
    this.#settle();
  }

  /** Removes and returns the events received since the last call, oldest first. */
  take(): readonly In[] {
    return this.#received.splice(0);
  }

  /** As {@link take}, but only the events of the class `type`; the others are kept. */
  takeAll<E extends In>(type: EventClass<E>): readonly E[] {
    const taken: E[] = [];
    const others = this.#received.splice(0).filter((event) => {
      const matches = event instanceof type;
      if (matches) taken.push(event);
      return !matches;
    });
    this.#received.push(...others);
    return taken;
  }

  /**
   * Removes and returns the only event received since the last call.
   * @throws {@link UnexpectedEventsError} unless it is just one, of the class `type`.
   */
  takeOne<E extends In>(type: EventClass<E>): E {
    const received = this.take();
    const [event] = received;
    if (received.length === 1 && event instanceof type) return event;
    throw new UnexpectedEventsError(`one ${type.name}`, received);
  }
}
