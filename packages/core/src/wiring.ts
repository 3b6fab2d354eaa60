import type { Origin } from './ask';
import type { DeadLetterReason } from './dead-letter';
import type { Hop } from './delivery';
import type { EventClass, PortEvent } from './event';
import type { Sender } from './fate';
import type { Handlers } from './handler';
import type { Waits } from './waits';
import type { LinkOf } from './ways-out';

/** What channels, components and systems may do with a port, and its users may not. */
export interface WiringOf<P> {
  attach(port: P, link: LinkOf<P>): void;
  detach(port: P, link: LinkOf<P>): void;
  linksOf(port: P): Iterable<LinkOf<P>>;
  linkCount(port: P): number;
  /** The last hop to `port` for events of `type`; undefined if nobody there takes them. */
  deliveryTo(port: P, type: EventClass): Hop | undefined;
  /** How many events have been handled that arrived at `port`. */
  handledAt(port: P): number;
  /** Gives `port` the handlers `latest`, and returns those it had. */
  rehandle(port: P, latest?: Handlers): Handlers;
  /** Forgets the compiled ways out of `port`: all, or those that lead over `link`. */
  forget(port: P, link?: LinkOf<P>): void;
  /** What notes that a request came from `port`. */
  originOf(port: P): Origin;
  /** The waits that end when `port` is closed. */
  waitsAt(port: P): Waits;
  /** Shows `event` to those who observe what arrives at `port`. */
  publish(port: P, event: PortEvent): void;
  /** Who is told what becomes of events that left `port`. */
  senderAt(port: P): Sender;
  /** Nobody takes `event`, which was last seen at `port`. */
  deadLetter(port: P, event: PortEvent, reason: DeadLetterReason): void;
  /** No channel ends at `port`, nobody observes it, and nobody waits there for an answer. */
  isIdle(port: P): boolean;
  /** Takes `port` off all channels, and tells its observers that nothing arrives any more. */
  close(port: P): void;
}
