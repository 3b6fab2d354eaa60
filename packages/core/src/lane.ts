import { Subject, type Subscription } from 'rxjs';

import type { Hop } from './delivery';
import { classOf, type EventClass, type PortEvent } from './event';
import { Fate, type Gate } from './fate';
import { wiring, type Link, type PortEnd } from './port-end';
import { Queue } from './queue';
import { responseOf } from './request';
import { KeySelector, type Selector } from './selector';
import type { ObserverOf } from './two-way-subject';

/** Whom the events of a lane go to: a port, or nobody because it was unplugged, or was killed. */
type Far = PortEnd | 'unplugged' | 'killed';

/** One direction of a channel, if it is selected, held or tapped: then events pass through it. */
export class Lane<E extends PortEvent = PortEvent> implements Gate {
  /** The port that events come from, or came from last. */
  from: PortEnd;
  to: Far;
  readonly #link: Link;
  readonly #selector: Selector<E> | undefined;
  #tap: Tap<E> | undefined;
  #waiting: Queue<Fate> | undefined;
  #capacity = 0;
  #open = true;

  constructor(link: Link, from: PortEnd, to: PortEnd, selector?: Selector<E>) {
    this.from = from;
    this.to = to;
    this.#link = link;
    this.#selector = selector;
  }

  get selector(): Selector<E> | undefined {
    return this.#selector;
  }

  /** How many events wait here; undefined while it is not held. */
  get heldEvents(): number | undefined {
    return this.#waiting?.length;
  }

  get tap(): Subject<E> {
    this.#tap ??= new Tap<E>(this);
    if (!this.#open) this.#tap.end();
    return this.#tap;
  }

  /** Where events of the class `type` go: here, if there is more to it than their delivery. */
  wayOf(type: EventClass): Hop | Gate | undefined {
    const passive = !this.#waiting && !this.#tap?.observed;
    return passive && typeof this.#selector !== 'function' ? this.#deliveryOf(type) : this;
  }

  /** Carries an event that left the port, where the table of its key led it here if it has one. */
  offer(fate: Fate): void {
    if (typeof this.#selector !== 'function' || this.#isLetThrough(fate)) this.#carry(fate);
  }

  /** Puts `event` on the way, as if it had left the port at the near end. */
  insert(event: E): void {
    if (responseOf(classOf(event))) wiring.originOf(this.from).accept(event);
    const fate = new Fate(event, wiring.senderAt(this.from));
    if (this.#isLetThrough(fate)) this.#carry(fate);
    fate.settle();
  }

  /** Lets events wait, `capacity` of them at most. */
  hold(capacity: number): void {
    this.#waiting ??= new Queue();
    this.#capacity = capacity;
  }

  /** Lets the oldest event that waits go on; returns false if there is none. */
  passOldest(): boolean {
    const fate = this.#waiting?.shift();
    if (!fate) return false;
    if (typeof this.to === 'string') fate.lose('unconnected');
    else this.#pass(fate);
    fate.settle();
    return true;
  }

  /** Lets events pass that come from now on. */
  release(): void {
    this.#waiting = undefined;
  }

  /** The component at the far end was killed: what waits does not reach it. */
  bereave(): void {
    const port = this.to;
    this.to = 'killed';
    if (typeof port === 'string') return;
    for (let fate = this.#waiting?.shift(); fate; fate = this.#waiting?.shift()) {
      fate.accounted = true;
      wiring.deadLetter(port, fate.event, 'killed');
    }
  }

  /** The channel is gone: nothing passes here any more. */
  close(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#open = false;
    for (let fate = waiting?.shift(); fate; fate = waiting?.shift()) fate.lose('unconnected');
    this.#tap?.end();
  }

  /** Somebody began or ceased to observe it. */
  tapChanged(): void {
    wiring.forget(this.from, this.#link);
  }

  #isLetThrough(fate: Fate): boolean {
    try {
      if (this.#selects(fate.event as E)) return true;
      fate.unselected = true;
    } catch (error) {
      fate.fail(error);
    }
    return false;
  }

  #selects(event: E): boolean {
    if (!(this.#selector instanceof KeySelector)) return this.#selector?.(event) ?? true;
    const { key, value } = this.#selector;
    return !key.concerns(classOf(event)) || key.valueOf(event) === value;
  }

  #carry(fate: Fate): void {
    if (!this.#open) fate.lose('unconnected');
    else if (!this.#waiting) this.#pass(fate);
    else if (this.#waiting.length >= this.#capacity) fate.lose('overflow');
    else {
      fate.wait();
      this.#waiting.push(fate);
    }
  }

  #pass(fate: Fate): void {
    const delivery = this.#deliveryOf(classOf(fate.event));
    if (delivery) fate.take(delivery);
    this.#tap?.show(fate.event as E);
  }

  #deliveryOf(type: EventClass): Hop | undefined {
    return typeof this.to === 'string' ? undefined : wiring.deliveryTo(this.to, type);
  }
}

/**
 * One direction of a channel, as a subject. Its observers see an event when it has been queued at the
 * far end, so that what they trigger in answer comes after it.
 */
class Tap<E extends PortEvent> extends Subject<E> {
  readonly #lane: Lane<E>;

  constructor(lane: Lane<E>) {
    super();
    this.#lane = lane;
  }

  override next(event: E): void {
    this.#lane.insert(event);
  }

  /** `event` passes. */
  show(event: E): void {
    super.next(event);
  }

  /** The failure of an Observable that feeds this lane is a fault of the component that sends here. */
  override error(cause: unknown): void {
    this.#lane.from.error(cause);
  }

  /** An Observable that feeds this lane has ended; the lane goes on. */
  override complete(): void {
    // Others may feed it still.
  }

  /** Nothing passes any more. */
  end(): void {
    super.complete();
  }

  override subscribe(observer?: ObserverOf<E> | null): Subscription {
    const subscription = super.subscribe(observer ?? undefined);
    this.#lane.tapChanged();
    subscription.add(() => {
      this.#lane.tapChanged();
    });
    return subscription;
  }
}
