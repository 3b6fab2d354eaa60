import type { PortEvent } from './event';
import type { PortEnd } from './port';

/** One station on the compiled way of an event out of a port. */
export interface Hop {
  accept(event: PortEvent): void;
}

/** Takes what arrives at the ports of one component. */
export interface Inbox {
  accept(delivery: Delivery, event: PortEvent): void;
}

export type Handler = (event: PortEvent) => void;

/** The last hop: an event class at a port, with the handlers which it has there now. */
export class Delivery implements Hop {
  /** In the order of subscription. Replaced, never changed, so a running loop may keep it. */
  handlers: readonly Handler[] = [];

  constructor(
    readonly port: PortEnd,
    readonly inbox: Inbox,
  ) {}

  accept(event: PortEvent): void {
    this.inbox.accept(this, event);
  }
}
