import { Subject, type Subscription } from 'rxjs';

import type { Hop } from './delivery';
import { classOf, type PortEvent } from './event';
import { wiring, type PortEnd } from './port-end';
import { responseOf } from './request';
import type { ObserverOf } from './two-way-subject';

/**
 * One direction of a channel, as a subject. Its observers see an event when it has been queued at the
 * far end, so that what they trigger in answer comes after it.
 */
export class Lane<E extends PortEvent> extends Subject<E> implements Hop {
  readonly #from: PortEnd;
  readonly #to: PortEnd;
  #open = true;

  constructor(from: PortEnd, to: PortEnd) {
    super();
    this.#from = from;
    this.#to = to;
  }

  /** Puts `event` on the way, as if it had left the port at the near end. */
  override next(event: E): void {
    const type = classOf(event);
    const delivery = wiring.deliveryTo(this.#to, type);
    if (responseOf(type)) wiring.originOf(this.#from).accept(event);
    if (!this.#open) wiring.deadLetter(this.#from, event, 'unconnected');
    else if (delivery) delivery.accept(event);
    else wiring.deadLetter(this.#from, event, 'unhandled');
    super.next(event);
  }

  /** Carries `event`, which left the port; if nobody takes it, the way out of the port says so. */
  accept(event: PortEvent): void {
    wiring.deliveryTo(this.#to, classOf(event))?.accept(event);
    super.next(event as E);
  }

  /** The failure of an Observable that feeds this lane is a fault of the component that sends here. */
  override error(cause: unknown): void {
    this.#from.error(cause);
  }

  /** An Observable that feeds this lane has ended; the lane goes on. */
  override complete(): void {
    // Others may feed it still.
  }

  /** The channel is gone: nothing passes here any more. */
  close(): void {
    this.#open = false;
    super.complete();
  }

  override subscribe(observer?: ObserverOf<E> | null): Subscription {
    const subscription = super.subscribe(observer ?? undefined);
    wiring.forgetRoutes(this.#from);
    subscription.add(() => {
      wiring.forgetRoutes(this.#from);
    });
    return subscription;
  }
}
