import type { PortEvent } from './event';
import type { Handler } from './handler';

/** One station on the compiled way of an event out of a port. */
export interface Hop {
  accept(event: PortEvent): void;
}

/** Where components wait for their turn. */
export interface Turns<P> {
  /** `inbox` has something to do. */
  add(inbox: InboxOf<P>): void;
  /** As {@link add}, for the one event that has just arrived: a claimed inbox has no other. */
  addWith(delivery: DeliveryTo<P>, event: PortEvent): void;
  /** As {@link addWith}, for an event that has just arrived at all of `deliveries`, in their order. */
  addWithEach(deliveries: readonly DeliveryTo<P>[], event: PortEvent): void;
}

/** Takes what arrives at the ports of one component. */
export interface InboxOf<P> {
  readonly turns: Turns<P>;
  accept(delivery: DeliveryTo<P>, event: PortEvent): void;
  /** True if it had nothing to do: the caller then gives it a turn with an event. */
  claim(): boolean;
  /** It had been claimed, but gets no event. */
  unclaim(): void;
  /**
   * Handles at most `most` events, and returns how many it did. If there are more, it asks for another
   * turn. Never throws.
   */
  run(most: number): number;
  /** As {@link run}, `event` first. */
  runWith(delivery: DeliveryTo<P>, event: PortEvent, most: number): number;
  /** The event of its turn is to wait with the others, before them, as all will wait. */
  takeBack(delivery: DeliveryTo<P>, event: PortEvent): void;
}

const none: readonly Handler[] = [];

/** The last hop: an event class at a port, with the handlers which it has there now. */
export class DeliveryTo<P> implements Hop {
  readonly port: P;
  readonly inbox: InboxOf<P>;
  /** In the order of subscription. Replaced, never changed, so a running loop may keep it. */
  handlers = none;
  /** The handler, if nothing else takes what arrives: so it is mostly. */
  sole: Handler | undefined;
  /** How many events of the class have been handled here. */
  handledEvents = 0;

  constructor(port: P, inbox: InboxOf<P>) {
    this.port = port;
    this.inbox = inbox;
  }

  /** Handlers or observers came or went. */
  update(handlers: readonly Handler[], observed: boolean): void {
    this.handlers = handlers;
    this.sole = handlers.length === 1 && !observed ? handlers[0] : undefined;
  }

  accept(event: PortEvent): void {
    this.inbox.accept(this, event);
  }
}

/** Where a way parts. */
export class Fork implements Hop {
  readonly #hops: readonly Hop[];

  constructor(hops: readonly Hop[]) {
    this.#hops = hops;
  }

  accept(event: PortEvent): void {
    for (const hop of this.#hops) hop.accept(event);
  }
}

/** A fork to components of one system: mostly none of them is busy, and the event waits once for all. */
class Fan<P> implements Hop {
  readonly #deliveries: readonly DeliveryTo<P>[];
  readonly #turns: Turns<P>;

  constructor(deliveries: readonly DeliveryTo<P>[], turns: Turns<P>) {
    this.#deliveries = deliveries;
    this.#turns = turns;
  }

  accept(event: PortEvent): void {
    const deliveries = this.#deliveries;
    let claimed = 0;
    for (const { inbox } of deliveries) {
      if (!inbox.claim()) break;
      claimed += 1;
    }
    if (claimed === deliveries.length) {
      this.#turns.addWithEach(deliveries, event);
      return;
    }
    for (let index = 0; index < claimed; index += 1) deliveries[index]?.inbox.unclaim();
    for (const delivery of deliveries) delivery.accept(event);
  }
}

/** One hop for what takes `hops`. */
export function joined(hops: readonly Hop[]): Hop {
  const [first] = hops;
  if (first && hops.length === 1) return first;
  if (!(first instanceof DeliveryTo)) return new Fork(hops);
  const { turns } = (first as DeliveryTo<unknown>).inbox;
  const deliveries: DeliveryTo<unknown>[] = [];
  for (const hop of hops) {
    if (!(hop instanceof DeliveryTo) || hop.inbox.turns !== turns) return new Fork(hops);
    deliveries.push(hop as DeliveryTo<unknown>);
  }
  return new Fan(deliveries, turns);
}
