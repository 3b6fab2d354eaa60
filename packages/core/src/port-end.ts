import { Subject, type Subscription, type Unsubscribable } from 'rxjs';

import { Ask, Origin } from './ask';
import { DeliveryTo, Fork, type Hop, type InboxOf } from './delivery';
import { arriving, leaving, refuseForeign } from './direction';
import { ForeignEventError } from './errors';
import { classOf, isKindOf, type EventClass, type PortEvent } from './event';
import {
  SubscribedHandler,
  handlersOf,
  noHandlers,
  withHandler,
  withoutHandler,
  type Handler,
} from './handler';
import type { PortOwnerOf } from './port-owner';
import type { IndicationOf, PortType, RequestOf } from './port-type';
import { Unanswered, asking, responseOf, type PortRequest } from './request';
import { TwoWaySubject, type ObserverOf } from './two-way-subject';
import { TimedWaits, closedWaits, type Waits } from './waits';
import { WaysOut, type LinkOf } from './ways-out';
import type { WiringOf } from './wiring';

/** A port of any type, seen from either end. */
export type PortEnd = Port<PortType, PortEvent, never>;

/** The provider's end of a port type. */
export type ProvidedEnd<P extends PortType> = Port<P, RequestOf<P>, IndicationOf<P>> & {
  readonly role: 'provided';
};

/** The client's end of a port type. */
export type RequiredEnd<P extends PortType> = Port<P, IndicationOf<P>, RequestOf<P>> & {
  readonly role: 'required';
};

/** Where events of one class arrive, and with whom. */
export type Delivery = DeliveryTo<PortEnd>;
export type Inbox = InboxOf<PortEnd>;
export type PortOwner = PortOwnerOf<PortEnd>;

/** What a port needs to know of a channel. */
export type Link = LinkOf<PortEnd>;

const nowhere: Hop = new Fork([]);

/** What only a port needs that is used; made then, as many components are idle. */
class Traffic {
  ways: WaysOut<PortEnd> | undefined;
  deliveries: Map<EventClass, Delivery> | undefined;
  arrivals: Subject<PortEvent> | undefined;
  /** Who waits for an answer that comes to this port, or from it to the program outside. */
  waits: Waits | undefined;
}

/** What channels, components and systems may do with a port, and its users may not. */
export let wiring: WiringOf<PortEnd>;

/**
 * One end of a port, in a public field of its component. An RxJS subject: `next` triggers an event of
 * type `Out`, and `subscribe` or `pipe` sees the events of type `In` that arrive, in the turn of the
 * component, and completes when it is killed. What a handler throws is a fault of its component; what
 * a plain observer throws is, as everywhere in RxJS, reported later and elsewhere, so behaviour
 * belongs into handlers.
 */
export abstract class Port<
  P extends PortType,
  out In extends PortEvent,
  in Out extends PortEvent,
> extends TwoWaySubject<In, Out> {
  /** Keeps the two ends apart where a port type carries the same events both ways. */
  abstract readonly role: 'provided' | 'required';

  readonly #owner: PortOwner;
  #traffic: Traffic | undefined;
  #handlers = noHandlers;
  /** The class that was sent last, and its way: mostly the next event takes it too. */
  #sent: EventClass | undefined;
  #way = nowhere;

  constructor(
    readonly type: P,
    owner: PortOwner,
  ) {
    super();
    this.#owner = owner;
  }

  /** The path of the component and the field that holds this port: `system/component.field`. */
  get name(): string {
    return `${this.#owner.path}.${this.#owner.nameOf(this)}`;
  }

  /** A channel ends here, and its other end is not free. */
  get connected(): boolean {
    return this.#traffic?.ways?.connected ?? false;
  }

  /** Somebody sees what arrives, beside the handlers. */
  override get observed(): boolean {
    return this.#traffic?.arrivals?.observed ?? false;
  }

  /**
   * Triggers `event`: every component at the other end of a channel that handles it gets it.
   * @throws {@link ForeignEventError} if the port type does not list it, which only untyped code does
   */
  override next(event: Out): void {
    if (event.constructor === this.#sent) this.#way.accept(event);
    else Port.#wayOf(this, classOf(event)).accept(event);
  }

  /**
   * Triggers `request`. If nobody answers it within `timeoutMs` milliseconds, {@link Unanswered}
   * arrives at this port in place of the answer; what is answered later is a dead letter.
   * @throws {@link AskedBeforeError} if it was triggered before
   */
  ask(request: Out & PortRequest, timeoutMs: number): void {
    new Ask(wiring.originOf(this), wiring.waitsAt(this), request, timeoutMs).begin();
    this.next(request);
  }

  /**
   * Sends `response` to the port that first triggered `request`, and to no other, through no channel;
   * it is handled there as any event. A second answer, or a late one, is a dead letter.
   * @throws {@link UnaskedError} if `request` was not triggered on a port
   */
  answer<R extends Out>(request: PortRequest<R>, response: NoInfer<R>): void {
    const asker = asking.settle(request);
    if (asker) asker.answer(response);
    else this.#owner.deadLetter(this, response, 'answered');
  }

  /** The failure of an Observable that feeds this port is a fault of the component. */
  override error(cause: unknown): void {
    this.#owner.feedFailed(cause);
  }

  /** An Observable that feeds this port has ended; the port goes on. */
  override complete(): void {
    // Others may feed it still.
  }

  /**
   * Runs `handler` upon each arriving event of the class `type` or of a subclass of it. A port that
   * asks gets {@link Unanswered} too.
   * @throws {@link ForeignEventError} if no such event can arrive here
   */
  upon<E extends In | Unanswered>(
    type: EventClass<E>,
    handler: (event: E) => void,
  ): Unsubscribable {
    if (!arriving(this).some((listed) => isKindOf(type, listed) || isKindOf(listed, type))) {
      throw new ForeignEventError(this.name, type.name);
    }
    const subscribed = new SubscribedHandler(type, handler as Handler);
    this.#handlers = withHandler(this.#handlers, subscribed);
    Port.#takersChanged(this);
    return {
      unsubscribe: () => {
        this.#handlers = withoutHandler(this.#handlers, subscribed);
        Port.#takersChanged(this);
      },
    };
  }

  /** Shows the events that arrive from now on to `observer`, after the handlers had them. */
  override subscribe(observer?: ObserverOf<In> | null): Subscription {
    const arrivals = (Port.#trafficAt(this).arrivals ??= new Subject());
    const subscription = arrivals.subscribe(observer as ObserverOf<PortEvent>);
    this.#owner.subscribed(subscription);
    Port.#takersChanged(this);
    subscription.add(() => {
      Port.#takersChanged(this);
    });
    return subscription;
  }

  // What follows is static because a private method would cost every port a field.

  static #trafficAt(port: PortEnd): Traffic {
    return (port.#traffic ??= new Traffic());
  }

  static #waysAt(port: PortEnd): WaysOut<PortEnd> {
    return (Port.#trafficAt(port).ways ??= new WaysOut(port, port.#owner));
  }

  static #wayOf(port: PortEnd, type: EventClass): Hop {
    const ways = Port.#waysAt(port);
    let way = ways.wayOf(type);
    if (!way) {
      refuseForeign(port, leaving(port), type);
      way = ways.compile(type, responseOf(type) ? [wiring.originOf(port)] : []);
    }
    port.#sent = type;
    return (port.#way = way);
  }

  /** The ways out have changed. */
  static #forgetWay(port: PortEnd): void {
    port.#sent = undefined;
    port.#way = nowhere;
  }

  static #deliveryAt(port: PortEnd, type: EventClass): Delivery {
    const traffic = Port.#trafficAt(port);
    let delivery = traffic.deliveries?.get(type);
    if (!delivery) {
      refuseForeign(port, arriving(port), type);
      delivery = new DeliveryTo(port, port.#owner);
      delivery.update(handlersOf(port.#handlers, type), port.observed);
      (traffic.deliveries ??= new Map()).set(type, delivery);
    }
    return delivery;
  }

  /** Handlers or observers came or went: whoever sends here must compile its routes anew. */
  static #takersChanged(port: PortEnd): void {
    for (const [type, delivery] of port.#traffic?.deliveries ?? []) {
      delivery.update(handlersOf(port.#handlers, type), port.observed);
    }
    for (const link of wiring.linksOf(port)) {
      const sender = link.opposite(port);
      if (sender) wiring.forget(sender, link);
    }
  }

  static {
    wiring = {
      attach: (port, link) => {
        Port.#waysAt(port).attach(link);
        Port.#forgetWay(port);
        port.#owner.attached?.(port);
      },
      detach: (port, link) => {
        port.#traffic?.ways?.detach(link);
        Port.#forgetWay(port);
      },
      linksOf: (port) => port.#traffic?.ways ?? [],
      linkCount: (port) => port.#traffic?.ways?.size ?? 0,
      deliveryTo: (port, type) => {
        const delivery = Port.#deliveryAt(port, type);
        const taken = delivery.handlers.length > 0 || port.observed;
        return taken ? port.#owner.hopTo(delivery) : undefined;
      },
      handledAt: (port) => {
        let handled = 0;
        for (const one of port.#traffic?.deliveries?.values() ?? []) handled += one.handledEvents;
        return handled;
      },
      rehandle: (port, latest = noHandlers) => {
        const former = port.#handlers;
        port.#handlers = latest;
        Port.#takersChanged(port);
        return former;
      },
      forget: (port, link) => {
        port.#traffic?.ways?.forget(link);
        Port.#forgetWay(port);
      },
      originOf: (port) => new Origin((type) => port.#owner.hopTo(Port.#deliveryAt(port, type))),
      waitsAt: (port) => (Port.#trafficAt(port).waits ??= new TimedWaits(port.#owner.host)),
      publish: (port, event) => {
        if (!(event instanceof Unanswered)) port.#traffic?.arrivals?.next(event);
        else if (Port.#deliveryAt(port, Unanswered).handlers.length > 0) return;
        else port.#owner.deadLetter(port, event, 'unhandled');
      },
      senderAt: (port) => Port.#waysAt(port).sender,
      deadLetter: (port, event, reason) => {
        port.#owner.deadLetter(port, event, reason);
      },
      isIdle: (port) =>
        wiring.linkCount(port) === 0 && !port.observed && (port.#traffic?.waits?.empty ?? true),
      close: (port) => {
        for (const link of [...wiring.linksOf(port)].reverse()) {
          const far = link.opposite(port);
          link.bereave(port);
          if (far && wiring.linkCount(far) === 0) far.#owner.bereft?.(far);
        }
        const traffic = Port.#trafficAt(port);
        (traffic.arrivals ??= new Subject()).complete();
        traffic.waits?.close();
        traffic.waits = closedWaits;
      },
    };
  }
}
