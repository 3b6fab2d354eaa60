import type { DeliveryTo, InboxOf, Turns } from './delivery';
import { invariant } from './errors';
import type { PortEvent } from './event';
import type { Host } from './host';
import { Queue, unrolled } from './queue';

/** How long the components may keep the event loop. */
export interface Fairness {
  /** The most events that a component handles in its turn. Default 64. */
  readonly batchEvents: number;
  /** The most events before input, output and timers have their turn. Default 100 000. */
  readonly sliceEvents: number;
  /** The longest time before input, output and timers have their turn. Default 1 ms. */
  readonly sliceMs: number;
}

const defaultFairness: Fairness = { batchEvents: 64, sliceEvents: 100_000, sliceMs: 1 };

/** A clock costs as much as an event, so it is read once in so many. */
const eventsPerClockReading = 256;

/**
 * Whose turn is next, of `ready` turns that are due: a whole number in [0, `ready`). The events of each
 * component keep their order whatever it says; only the order among components is its to choose.
 */
export type NextTurn = (ready: number) => number;

type Delivery = DeliveryTo<unknown>;
type Inbox = InboxOf<unknown>;

/**
 * Gives the components that have events their turns, a batch each; first ready, first run. An event
 * that finds its component with nothing to do waits here, in the place of a turn of the component:
 * most events do, and need no mailbox then. One that finds so all to whom it goes takes one place.
 */
export class Scheduler implements Turns<unknown> {
  /**
   * Rings side by side, since an object per turn would cost more than the turn. A place has an event
   * with a delivery or with several; or nothing, and the turn is that of the next of `#inboxes`.
   */
  #events: (PortEvent | undefined)[] = new Array<undefined>(16);
  #deliveries: (Delivery | undefined)[] = new Array<undefined>(16);
  #fans: (readonly Delivery[] | undefined)[] = new Array<undefined>(16);
  #head = 0;
  #length = 0;
  /** How many of the deliveries of the first place have had their turn. */
  #fanned = 0;
  #inboxes = new Queue<Inbox>();
  /** An event may wait here. */
  #carrying = false;
  #awake = false;
  readonly #host: Host;
  readonly #fairness: Fairness;
  readonly #rested: () => void;
  readonly #nextTurn: NextTurn | undefined;

  /**
   * @param rested - told when components have had their turns, and others have theirs
   * @param nextTurn - chooses among those that are ready; left out, the first of them is next
   */
  constructor(host: Host, rested: () => void, fairness?: Partial<Fairness>, nextTurn?: NextTurn) {
    this.#host = host;
    this.#fairness = { ...defaultFairness, ...fairness };
    this.#rested = rested;
    this.#nextTurn = nextTurn;
  }

  add(inbox: Inbox): void {
    this.#inboxes.push(inbox);
    this.#push(undefined, undefined, undefined);
  }

  addWith(delivery: Delivery, event: PortEvent): void {
    this.#carrying = true;
    this.#push(event, delivery, undefined);
  }

  addWithEach(deliveries: readonly Delivery[], event: PortEvent): void {
    this.#carrying = true;
    // Where turns are chosen each is a place of its own.
    if (this.#nextTurn === undefined) this.#push(event, undefined, deliveries);
    else for (const delivery of deliveries) this.#push(event, delivery, undefined);
  }

  /** The events that wait here go to their components. All turns remain, in their order. */
  giveBack(): void {
    if (!this.#carrying) return;
    this.#carrying = false;
    const inboxes = new Queue<Inbox>();
    while (this.#length > 0) {
      const event = this.#events[this.#head];
      const inbox = event ? undefined : this.#inboxes.shift();
      if (inbox) inboxes.push(inbox);
      for (const delivery of event ? this.#firstDeliveries() : []) {
        if (event) delivery.inbox.takeBack(delivery, event);
        inboxes.push(delivery.inbox);
      }
      this.#leave();
    }
    this.#inboxes = inboxes;
    while (this.#length < inboxes.length) this.#push(undefined, undefined, undefined);
  }

  #push(
    event: PortEvent | undefined,
    delivery: Delivery | undefined,
    deliveries: readonly Delivery[] | undefined,
  ): void {
    if (this.#length === this.#events.length) this.#grow();
    const index = (this.#head + this.#length) & (this.#events.length - 1);
    this.#events[index] = event;
    this.#deliveries[index] = delivery;
    this.#fans[index] = deliveries;
    this.#length += 1;
    if (this.#awake) return;
    this.#awake = true;
    this.#host.soon(this.#slice);
  }

  readonly #slice = (): void => {
    const { batchEvents, sliceEvents, sliceMs } = this.#fairness;
    const endMs = this.#host.now() + sliceMs;
    let handled = 0;
    let untilReading = eventsPerClockReading;
    while (this.#length > 0) {
      const events = this.#turn(Math.min(batchEvents, sliceEvents - handled));
      handled += events;
      untilReading -= events + 1;
      if (handled >= sliceEvents) break;
      if (untilReading > 0) continue;
      if (this.#host.now() >= endMs) break;
      untilReading = eventsPerClockReading;
    }
    this.#rested();
    if (this.#length > 0) this.#host.afterIo(this.#slice);
    else this.#awake = false;
  };

  /** The turn of the component that was ready first, or of as many as its event is for. */
  #turn(most: number): number {
    if (this.#nextTurn !== undefined) this.#choose(this.#nextTurn);
    const event = this.#events[this.#head];
    if (event === undefined) {
      this.#leave();
      return this.#inboxes.shift()?.run(most) ?? 0;
    }
    const fan = this.#fans[this.#head];
    if (fan !== undefined) return this.#turnsOf(fan, event, most);
    const delivery = this.#deliveries[this.#head];
    this.#leave();
    return delivery === undefined ? 0 : delivery.inbox.runWith(delivery, event, most);
  }

  /** Puts the turn that `next` chooses first. */
  #choose(next: NextTurn): void {
    const other = (this.#head + chosen(next, this.#length)) & (this.#events.length - 1);
    exchange(this.#events, this.#head, other);
    exchange(this.#deliveries, this.#head, other);
    if (this.#events[this.#head] === undefined) {
      this.#inboxes.promote(chosen(next, this.#inboxes.length));
    }
  }

  /** The turns of those in the first place; it is left with the last. */
  #turnsOf(fan: readonly Delivery[], event: PortEvent, most: number): number {
    let handled = 0;
    let index = this.#fanned;
    // Another index means that the events have been given back: the turns left are elsewhere.
    while (index === this.#fanned && handled < most) {
      const delivery = fan[index];
      index += 1;
      if (index === fan.length) this.#leave();
      else this.#fanned = index;
      if (delivery !== undefined) {
        handled += delivery.inbox.runWith(delivery, event, most - handled);
      }
    }
    return handled;
  }

  /** Those of the first place that have not had their turn. */
  #firstDeliveries(): readonly Delivery[] {
    const delivery = this.#deliveries[this.#head];
    return delivery ? [delivery] : (this.#fans[this.#head]?.slice(this.#fanned) ?? []);
  }

  #leave(): void {
    const index = this.#head;
    this.#events[index] = undefined;
    this.#deliveries[index] = undefined;
    this.#fans[index] = undefined;
    this.#fanned = 0;
    this.#head = (index + 1) & (this.#events.length - 1);
    this.#length -= 1;
  }

  #grow(): void {
    const capacity = this.#events.length * 2;
    this.#events = unrolled(this.#events, this.#head, capacity);
    this.#deliveries = unrolled(this.#deliveries, this.#head, capacity);
    this.#fans = unrolled(this.#fans, this.#head, capacity);
    this.#head = 0;
  }
}

function chosen(next: NextTurn, ready: number): number {
  const index = next(ready);
  invariant(Number.isInteger(index) && index >= 0 && index < ready, 'a turn that is due is chosen');
  return index;
}

function exchange(items: unknown[], one: number, other: number): void {
  [items[one], items[other]] = [items[other], items[one]];
}
