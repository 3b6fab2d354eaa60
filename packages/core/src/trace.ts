import { Observable, type Subscriber } from 'rxjs';

import { DeliveryTo, type Hop } from './delivery';
import type { PortEvent } from './event';
import type { Handler } from './handler';
import type { Host } from './host';
import { Kill, type LifeState } from './life';
import { wiring, type Delivery, type PortEnd } from './port-end';

/** One event, when a component begins to handle it. */
export interface TraceEntry {
  /** Counts up in the order of handling. */
  readonly id: number;
  /** The `id` of the entry whose handling triggered it; undefined if that was not traced. */
  readonly cause: number | undefined;
  readonly event: PortEvent;
  /** Where it arrived: `system/component.field`. */
  readonly port: string;
  /** When it arrived, by the clock of the host. */
  readonly arrivedMs: number;
  /** When its handling begins, by the clock of the host. */
  readonly atMs: number;
}

/** A component, which may end while it handles an event. */
interface Alive {
  readonly state: LifeState;
}

/** The trace of one system. It is compiled into the ways of events while somebody observes it. */
export class Trace {
  readonly #host: Host;
  /** Replaced, never changed, so a running loop may keep it. */
  #observers: readonly Subscriber<TraceEntry>[] = [];
  #lastId = 0;
  /** The entry that is being handled. */
  #current: number | undefined;
  /** To find a name costs more than an event, and to compare two that are one text costs nothing. */
  #names = new WeakMap<PortEnd, string>();

  readonly entries: Observable<TraceEntry>;

  /** @param compile - forgets the compiled ways of all events in the system */
  constructor(host: Host, compile: () => void) {
    this.#host = host;
    this.entries = new Observable((observer) => {
      this.#observers = [...this.#observers, observer];
      if (this.#observers.length === 1) compile();
      return () => {
        this.#observers = this.#observers.filter((other) => other !== observer);
        if (!this.#observed) compile();
      };
    });
  }

  get #observed(): boolean {
    return this.#observers.length > 0;
  }

  /** The last hop for events that go to `delivery`, which is to `component`. */
  hopTo(delivery: Delivery, component: Alive): Hop {
    if (!this.#observed) return delivery;
    const { port, inbox } = delivery;
    return {
      accept: (event) => {
        const traced = new DeliveryTo<PortEnd>(port, inbox);
        traced.sole = this.#handlerFor(delivery, component);
        inbox.accept(traced, event);
      },
    };
  }

  /**
   * Runs `handle`, which handles an `event` at a control port. Those come on no way: a component ends
   * at once, within the handling of what ended it, and starts and stops in turns of their own.
   */
  within(port: PortEnd, event: PortEvent, handle: () => void): void {
    const before = this.#current;
    this.#begin(port, event, event instanceof Kill ? before : undefined, this.#host.now());
    try {
      handle();
    } finally {
      this.#current = before;
    }
  }

  /** Another instance may have its ports in other fields. */
  forgetNames(): void {
    this.#names = new WeakMap();
  }

  /** No component is running any more. */
  rest(): void {
    this.#current = undefined;
  }

  /** What handles one event that has arrived now: as the handlers will be then. */
  #handlerFor(delivery: Delivery, component: Alive): Handler {
    const { port } = delivery;
    const cause = this.#current;
    const arrivedMs = this.#host.now();
    return (event) => {
      delivery.handledEvents += 1;
      if (delivery.handlers.length === 0 && !port.observed) {
        wiring.deadLetter(port, event, 'unhandled');
        return;
      }
      this.#begin(port, event, cause, arrivedMs);
      for (const handler of delivery.handlers) {
        if (component.state === 'started') handler(event);
      }
      if (port.observed) wiring.publish(port, event);
      // It also causes what follows if a handler throws.
      this.#current = undefined;
    };
  }

  #begin(port: PortEnd, event: PortEvent, cause: number | undefined, arrivedMs: number): void {
    this.#current = undefined;
    if (!this.#observed) return;
    const id = (this.#lastId += 1);
    const name = this.#nameOf(port);
    const entry = { id, cause, event, port: name, arrivedMs, atMs: this.#host.now() };
    for (const observer of this.#observers) observer.next(entry);
    this.#current = id;
  }

  #nameOf(port: PortEnd): string {
    let name = this.#names.get(port);
    if (name === undefined) this.#names.set(port, (name = port.name));
    return name;
  }
}
