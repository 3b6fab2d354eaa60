import type { PortEvent } from './event';
import type { Delivery } from './port-end';
import { unrolled } from './queue';

/** What happens when more events wait for a component than may. */
export interface Overflow {
  readonly capacity: number;
  /** Returns true if `event` may wait, now that there is room. */
  overflowed(mailbox: Mailbox, delivery: Delivery, event: PortEvent): boolean;
}

/** A ring for more events than these is given back when it is empty, so that a burst costs nothing later. */
const mostKeptEvents = 4_096;

/** The events that wait for one component, oldest first, over all its ports. */
export class Mailbox {
  /** Two rings side by side: an object per event would cost more than the rest of its way. */
  #deliveries: (Delivery | undefined)[] = [];
  #events: (PortEvent | undefined)[] = [];
  #head = 0;
  #length = 0;
  /** As many may wait until something has to be done about it. */
  #room = 0;
  readonly #overflow: Overflow | undefined;

  /** @param overflow - undefined if any number of events may wait */
  constructor(overflow?: Overflow) {
    this.#overflow = overflow;
  }

  get length(): number {
    return this.#length;
  }

  /** Where the oldest event arrived. */
  get delivery(): Delivery | undefined {
    return this.#deliveries[this.#head];
  }

  push(delivery: Delivery, event: PortEvent): void {
    if (this.#length >= this.#room && !this.#makeRoom(delivery, event)) return;
    const index = (this.#head + this.#length) & (this.#events.length - 1);
    this.#deliveries[index] = delivery;
    this.#events[index] = event;
    this.#length += 1;
  }

  /** Puts `event` before all that wait. */
  unshift(delivery: Delivery, event: PortEvent): void {
    if (this.#length === this.#events.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#events.length - 1);
    this.#deliveries[this.#head] = delivery;
    this.#events[this.#head] = event;
    this.#length += 1;
  }

  /** Removes and returns the oldest event; undefined if there is none. */
  shift(): PortEvent | undefined {
    if (this.#length === 0) return undefined;
    const event = this.#events[this.#head];
    this.#deliveries[this.#head] = undefined;
    this.#events[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#events.length - 1);
    this.#length -= 1;
    if (this.#length === 0 && this.#events.length > mostKeptEvents) this.#shrink();
    return event;
  }

  #shrink(): void {
    this.#deliveries = [];
    this.#events = [];
    this.#head = 0;
    this.#room = 0;
  }

  #makeRoom(delivery: Delivery, event: PortEvent): boolean {
    const overflow = this.#overflow;
    if (overflow && this.#length >= overflow.capacity) {
      return overflow.overflowed(this, delivery, event);
    }
    this.#grow();
    return true;
  }

  #grow(): void {
    const capacity = Math.max(4, this.#events.length * 2);
    this.#deliveries = unrolled(this.#deliveries, this.#head, capacity);
    this.#events = unrolled(this.#events, this.#head, capacity);
    this.#head = 0;
    this.#room = Math.min(capacity, this.#overflow?.capacity ?? capacity);
  }
}
