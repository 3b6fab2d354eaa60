import {
  Subject,
  type Observable,
  type Observer,
  type Subscription,
  type Unsubscribable,
} from 'rxjs';

import { Channel } from './channel';
import { Delivery, type Handler, type Hop, type Inbox } from './delivery';
import { ForeignEventError } from './errors';
import { isKindOf, type EventClass, type PortEvent } from './event';
import type { IndicationOf, PortType, RequestOf } from './port-type';

/** What a port needs to know of the component that holds it. */
export interface PortOwner extends Inbox {
  readonly path: string;
  /** The name of the field in which the component holds `port`. */
  nameOf(port: PortEnd): string;
  /** Nobody takes `event`. */
  deadLetter(port: PortEnd, event: PortEvent, reason: 'unconnected' | 'unhandled'): void;
  fault(cause: unknown): void;
}

/** A port of any type, seen from either end. */
export type PortEnd = Port<PortType, PortEvent, never>;

/** An RxJS subject that takes events of one type and emits events of another. */
interface TwoWaySubject<In, Out> extends Observable<In> {
  readonly observed: boolean;
  next(event: Out): void;
  error(cause: unknown): void;
  complete(): void;
}
const TwoWaySubject = Subject as unknown as abstract new <In, Out>() => TwoWaySubject<In, Out>;

/** What `subscribe` of RxJS takes. */
export type ObserverOf<E> = Partial<Observer<E>> | ((event: E) => void) | null;

/** What channels and systems may do with a port, and its users may not. */
export let wiring: {
  attach(port: PortEnd, channel: Channel): void;
  detach(port: PortEnd, channel: Channel): void;
  channelsOf(port: PortEnd): readonly Channel[];
  /** The last hop to `port` for events of `type`; undefined if nobody there takes them. */
  deliveryTo(port: PortEnd, type: EventClass): Delivery | undefined;
  /** Sends `event` out of `port`, as {@link Port.next} does. */
  send(port: PortEnd, event: PortEvent): void;
  /** Shows `event` to those who observe what arrives at `port`. */
  publish(port: PortEnd, event: PortEvent): void;
  /** Forgets the compiled ways out of `port`. */
  forgetRoutes(port: PortEnd): void;
};

/**
 * One end of a port, in a public field of its component. An RxJS subject: `next` triggers an event of
 * type `Out`, and `subscribe` or `pipe` sees the events of type `In` that arrive, in the turn of the
 * component. What a handler throws is a fault of its component; what a plain observer throws is, as
 * everywhere in RxJS, reported later and elsewhere, so behaviour belongs into handlers.
 */
export abstract class Port<
  P extends PortType,
  out In extends PortEvent,
  in Out extends PortEvent,
> extends TwoWaySubject<In, Out> {
  /** Keeps the two ends apart where a port type carries the same events both ways. */
  abstract readonly role: 'provided' | 'required';

  readonly #owner: PortOwner;
  #channels: readonly Channel[] = [];
  #handlers: readonly HandlerEntry[] | undefined;
  #deliveries: Map<EventClass, Delivery> | undefined;
  /** The compiled ways out, by the class of the event; the last one used stands beside them. */
  #routes: Map<EventClass, readonly Hop[]> | undefined;
  #lastClass: unknown;
  #lastRoute: readonly Hop[] = [];

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

  get connected(): boolean {
    return this.#channels.length > 0;
  }

  /** Triggers `event`: every component at the other end of a channel that handles it gets it. */
  override next(event: Out): void {
    if (event.constructor !== this.#lastClass) this.#lookUp(event);
    const route = this.#lastRoute;
    for (let index = 0; index < route.length; index += 1) route[index]?.accept(event);
  }

  /** The failure of an Observable that feeds this port is a fault of the component. */
  override error(cause: unknown): void {
    this.#owner.fault(cause);
  }

  /** An Observable that feeds this port has ended; the port goes on. */
  override complete(): void {
    // Others may feed it still.
  }

  /** Runs `handler` upon each arriving event of the class `type` or of a subclass of it. */
  upon<E extends In>(type: EventClass<E>, handler: (event: E) => void): Unsubscribable {
    if (!arriving(this).some((listed) => isKindOf(type, listed) || isKindOf(listed, type))) {
      throw new ForeignEventError(this.name, type.name);
    }
    const entry: HandlerEntry = { type, handler: handler as Handler };
    this.#handlers = [...(this.#handlers ?? []), entry];
    this.#takersChanged();
    return {
      unsubscribe: () => {
        this.#handlers = this.#handlers?.filter((other) => other !== entry);
        this.#takersChanged();
      },
    };
  }

  /** Shows the events that arrive from now on to `observer`, after the handlers had them. */
  override subscribe(
    observer?: ObserverOf<In>,
    error?: ((cause: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const subscription = Subject.prototype.subscribe.call(this, observer as never, error, complete);
    this.#takersChanged();
    subscription.add(() => {
      this.#takersChanged();
    });
    return subscription;
  }

  #lookUp(event: PortEvent): void {
    const type = event.constructor as EventClass;
    let route = this.#routes?.get(type);
    if (!route) {
      route = this.#compile(type);
      (this.#routes ??= new Map()).set(type, route);
    }
    this.#lastClass = type;
    this.#lastRoute = route;
  }

  #compile(type: EventClass): readonly Hop[] {
    if (!leaving(this).some((listed) => isKindOf(type, listed))) {
      throw new ForeignEventError(this.name, type.name);
    }
    const route = this.#channels.flatMap((channel) => channel.hopsFrom(this, type));
    const taken = this.#channels.some((channel) => wiring.deliveryTo(channel.opposite(this), type));
    if (taken) return route;
    const reason = this.connected ? 'unhandled' : 'unconnected';
    const deadEnd: Hop = {
      accept: (event) => {
        this.#owner.deadLetter(this, event, reason);
      },
    };
    return [...route, deadEnd];
  }

  #deliveryOf(type: EventClass): Delivery | undefined {
    let delivery = this.#deliveries?.get(type);
    if (!delivery) {
      delivery = new Delivery(this, this.#owner);
      delivery.handlers = this.#handlersOf(type);
      (this.#deliveries ??= new Map()).set(type, delivery);
    }
    return delivery.handlers.length > 0 || this.observed ? delivery : undefined;
  }

  #handlersOf(type: EventClass): readonly Handler[] {
    const matching = this.#handlers?.filter((entry) => isKindOf(type, entry.type));
    return matching?.map((entry) => entry.handler) ?? [];
  }

  /** Handlers or observers came or went: whoever sends here must compile its routes anew. */
  #takersChanged(): void {
    for (const [type, delivery] of this.#deliveries ?? []) {
      delivery.handlers = this.#handlersOf(type);
    }
    for (const channel of this.#channels) wiring.forgetRoutes(channel.opposite(this));
  }

  static {
    wiring = {
      attach(port, channel) {
        port.#channels = [...port.#channels, channel];
        wiring.forgetRoutes(port);
      },
      detach(port, channel) {
        port.#channels = port.#channels.filter((other) => other !== channel);
        wiring.forgetRoutes(port);
      },
      channelsOf: (port) => port.#channels,
      deliveryTo: (port, type) => port.#deliveryOf(type),
      send(port, event) {
        port.next(event as never);
      },
      publish(port, event) {
        Subject.prototype.next.call(port, event);
      },
      forgetRoutes(port) {
        port.#routes = undefined;
        port.#lastClass = undefined;
      },
    };
  }
}

interface HandlerEntry {
  readonly type: EventClass;
  readonly handler: Handler;
}

function arriving(port: PortEnd): readonly EventClass[] {
  return port.role === 'provided' ? port.type.requests : port.type.indications;
}

function leaving(port: PortEnd): readonly EventClass[] {
  return port.role === 'provided' ? port.type.indications : port.type.requests;
}

/** The provider's end: requests arrive, indications leave. */
export class ProvidedPort<P extends PortType> extends Port<P, RequestOf<P>, IndicationOf<P>> {
  override readonly role = 'provided';

  /**
   * Connects this port with each of `required`; an indication reaches all that handle it.
   * @throws {@link DuplicateChannelError} if one of them is connected with it already.
   */
  connect(...required: readonly RequiredPort<P>[]): readonly Channel<P>[] {
    return required.map((port) => new Channel<P>(this, port));
  }
}

/** The client's end: indications arrive, requests leave. */
export class RequiredPort<P extends PortType> extends Port<P, IndicationOf<P>, RequestOf<P>> {
  override readonly role = 'required';
}
