import type { PortEvent } from './event';
import type { Handler } from './handler';

/** One station on the compiled way of an event out of a port. */
export interface Hop {
  accept(event: PortEvent): void;
}

/** Takes what arrives at the ports of one component. */
export interface InboxOf<P> {
  accept(delivery: DeliveryTo<P>, event: PortEvent): void;
}

/** The last hop: an event class at a port, with the handlers which it has there now. */
export class DeliveryTo<P> implements Hop {
  /** In the order of subscription. Replaced, never changed, so a running loop may keep it. */
  handlers: readonly Handler[];

  constructor(
    readonly port: P,
    readonly inbox: InboxOf<P>,
    handlers: readonly Handler[],
  ) {
    this.handlers = handlers;
  }

  accept(event: PortEvent): void {
    this.inbox.accept(this, event);
  }
}
