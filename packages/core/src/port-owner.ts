import type { Unsubscribable } from 'rxjs';

import type { DeadLetterReason } from './dead-letter';
import type { DeliveryTo, Hop, InboxOf } from './delivery';
import type { PortEvent } from './event';
import type { Host } from './host';

/** What a port needs to know of the component that holds it. */
export interface PortOwnerOf<P> extends InboxOf<P> {
  readonly path: string;
  readonly host: Host;
  /** The name of the field in which the component holds `port`. */
  nameOf(port: P): string;
  /** The last hop for what goes to `delivery`: itself, unless somebody watches. */
  hopTo(delivery: DeliveryTo<P>): Hop;
  /** Nobody takes `event`. */
  deadLetter(port: P, event: PortEvent, reason: DeadLetterReason): void;
  /** An Observable that feeds a port has failed, or a selector on the way of an event from it. */
  feedFailed(cause: unknown): void;
  /** Somebody observes a port: the instance does, if it is being made. */
  subscribed(subscription: Unsubscribable): void;
  /** A channel ends at `port` now. */
  attached?(port: P): void;
  /** The component at the other end of the last channel of `port` was killed. */
  bereft?(port: P): void;
}
