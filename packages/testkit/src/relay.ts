import type {
  IndicationOf,
  Port,
  PortEvent,
  PortType,
  ProvidedPort,
  RequestOf,
  RequiredPort,
  System,
} from '@jbstore/core';

import { Observed, type Target } from './observed';
import type { Tape } from './tape';

/**
 * Stands between a provider and a client of it, and hands on what each says to the other; but not what
 * a script drops.
 */
export class Relay<P extends PortType> {
  /** What the client says. */
  readonly requests: RelaySide<RequestOf<P>>;
  /** What the provider says. */
  readonly indications: RelaySide<IndicationOf<P>>;

  constructor(system: System, tape: Tape, provided: ProvidedPort<P>, required: RequiredPort<P>) {
    const client = system.clientOf(provided);
    const provider = system.providerOf(required);
    this.requests = new RelaySide(required.name, system, tape, provider, client);
    this.indications = new RelaySide(provided.name, system, tape, client, provider);
  }
}

/** One direction of a {@link Relay}: `next` says something in place of who speaks there. */
export class RelaySide<E extends PortEvent> extends Observed<E> implements Target<E> {
  readonly #to: Port<PortType, PortEvent, E>;

  /** @param name - of the port that speaks */
  constructor(
    name: string,
    system: System,
    tape: Tape,
    from: Port<PortType, E, never>,
    to: Port<PortType, PortEvent, E>,
  ) {
    super(name, tape);
    this.#to = to;
    this.listen(system, from, (event) => {
      to.next(event);
    });
  }

  next(event: E): void {
    this.#to.next(event);
  }
}
