import { Subscription, defer, type ObservableInput, type Unsubscribable } from 'rxjs';

import type { Context } from './context';
import { PortEvent, classOf, type EventClass } from './event';
import { Kill, Stop, type Control } from './life';
import type { ProvidedPort } from './port';
import { wiring } from './port-end';
import { portType } from './port-type';

/** Where any event arrives, and nobody is connected. */
export const Inlet = portType('edge', { requests: [PortEvent], indications: [] });

/**
 * Events from the world outside: a promise, an Observable, an async iterable, or a function that makes
 * one of them. It should end what it does when `signal` aborts.
 */
export type EdgeSource =
  ObservableInput<PortEvent> | ((signal: AbortSignal) => ObservableInput<PortEvent>);

/** What an edge needs to know of its component. */
interface Inside {
  readonly context: Context;
  readonly control: ProvidedPort<typeof Control>;
  /** It has been stopped. */
  resting(): boolean;
}

/**
 * Where asynchronous work comes into a component, whose handlers await nothing: its results are events,
 * handled one at a time and in the order of arrival among all others; what fails is a fault.
 */
export class Edge {
  readonly #port: ProvidedPort<typeof Inlet>;
  readonly #inside: Inside;
  #brought = new Subscription();
  #ended = false;

  constructor(port: ProvidedPort<typeof Inlet>, inside: Inside) {
    this.#port = port;
    this.#inside = inside;
    inside.control.upon(Stop, this.#cancel.bind(this));
    inside.control.upon(Kill, this.#end.bind(this));
    // A handler of Kill that fails keeps the others from running, and no release.
    inside.context.onRelease(this.#end.bind(this));
  }

  /** Runs `handler` upon each event of the class `type`, or of a subclass of it, that is brought. */
  upon<E extends PortEvent>(type: EventClass<E>, handler: (event: E) => void): Unsubscribable {
    return this.#port.upon(type, handler);
  }

  /**
   * Brings the events of `source` into the component. It is cancelled by the subscription that is
   * returned, and when the component stops or ends: then nothing arrives any more, the signal aborts,
   * and a failure is nobody's. Bring anew upon Start what shall go on. While the component is stopped
   * nothing is brought: `source` is not touched, and the subscription is closed.
   */
  bring(source: EdgeSource): Subscription {
    if (this.#ended || this.#inside.resting()) return Subscription.EMPTY;
    const controller = new AbortController();
    let pending = true;
    const events = defer(() => (typeof source === 'function' ? source(controller.signal) : source));
    const subscription = events.subscribe({
      next: this.#take.bind(this),
      error: (cause: unknown) => {
        pending = false;
        this.#inside.context.fault(cause);
      },
      complete: () => {
        pending = false;
      },
    });
    subscription.add(() => {
      // What was brought may be read still, such as the body of a response.
      if (pending) controller.abort();
    });
    this.#brought.add(subscription);
    return subscription;
  }

  /** While the component is suspended events wait, as at any port. */
  #take(event: PortEvent): void {
    try {
      const delivery = wiring.deliveryTo(this.#port, classOf(event));
      if (delivery) delivery.accept(event);
      else wiring.deadLetter(this.#port, event, 'unhandled');
    } catch (error) {
      this.#inside.context.fault(error);
    }
  }

  #cancel(): void {
    const brought = this.#brought;
    this.#brought = new Subscription();
    brought.unsubscribe();
  }

  #end(): void {
    this.#ended = true;
    this.#cancel();
  }
}
