import { Subject, type Subscription, type Unsubscribable } from 'rxjs';

import type { Hop } from './delivery';
import { DuplicateChannelError } from './errors';
import type { EventClass, PortEvent } from './event';
import {
  wiring,
  type ObserverOf,
  type PortEnd,
  type ProvidedPort,
  type RequiredPort,
} from './port';
import type { IndicationOf, PortType, RequestOf } from './port-type';

/**
 * Joins a provided and a required end of one port type: a pair of RxJS subjects, one per direction.
 * Subscribe to one to watch its events pass; `next` puts an event on the way. First in, first out;
 * each event once. The subjects are made when asked for: events that nobody watches do not pass
 * through them.
 */
export class Channel<P extends PortType = PortType> implements Unsubscribable {
  #requests: Lane<RequestOf<P>> | undefined;
  #indications: Lane<IndicationOf<P>> | undefined;

  /** @throws {@link DuplicateChannelError} if the two ends are connected already. */
  constructor(
    readonly provided: ProvidedPort<P>,
    readonly required: RequiredPort<P>,
  ) {
    for (const channel of wiring.channelsOf(required)) {
      if (channel.opposite(required) === provided) {
        throw new DuplicateChannelError(provided.name, required.name);
      }
    }
    wiring.attach(provided, this);
    wiring.attach(required, this);
  }

  /** What passes from the required end to the provided one. */
  get requests(): Subject<RequestOf<P>> {
    return (this.#requests ??= new Lane<RequestOf<P>>(this.required, this.provided));
  }

  /** What passes from the provided end to the required one. */
  get indications(): Subject<IndicationOf<P>> {
    return (this.#indications ??= new Lane<IndicationOf<P>>(this.provided, this.required));
  }

  /** Disconnects the two ends. What arrived already is still handled. */
  unsubscribe(): void {
    wiring.detach(this.provided, this);
    wiring.detach(this.required, this);
    this.#requests?.complete();
    this.#indications?.complete();
  }

  /** The other end than `port`. */
  opposite(port: PortEnd): PortEnd {
    return port === this.provided ? this.required : this.provided;
  }

  /** Where events of the class `type` go that leave `port` through this channel. */
  hopsFrom(port: PortEnd, type: EventClass): readonly Hop[] {
    const delivery = wiring.deliveryTo(this.opposite(port), type);
    const lane = port === this.provided ? this.#indications : this.#requests;
    if (lane?.observed) return [lane];
    return delivery ? [delivery] : [];
  }
}

/** One direction of a channel as a subject. */
class Lane<E extends PortEvent> extends Subject<E> implements Hop {
  readonly #from: PortEnd;
  readonly #to: PortEnd;

  constructor(from: PortEnd, to: PortEnd) {
    super();
    this.#from = from;
    this.#to = to;
  }

  /** Puts `event` on the way, as if it had left the port at the near end. */
  override next(event: E): void {
    super.next(event);
    wiring.deliveryTo(this.#to, event.constructor as EventClass)?.accept(event);
  }

  accept(event: PortEvent): void {
    this.next(event as E);
  }

  override subscribe(
    observer?: ObserverOf<E>,
    error?: ((cause: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const subscription = super.subscribe(observer as never, error, complete);
    wiring.forgetRoutes(this.#from);
    subscription.add(() => {
      wiring.forgetRoutes(this.#from);
    });
    return subscription;
  }
}
