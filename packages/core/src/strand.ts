import { Delivery, type Inbox } from './delivery';
import { ComponentFault } from './errors';
import type { EventClass, PortEvent } from './event';
import { Kill, Stop, type Control, type LifeState } from './life';
import { Mailbox } from './mailbox';
import { wiring, type PortEnd, type ProvidedPort } from './port';
import type { Runnable, Scheduler } from './scheduler';

/**
 * The order in which one component handles its events: one at a time, never inside one another, in
 * the order of arrival over all its ports. An event of its control port is a matter of its life.
 */
export abstract class Strand implements Inbox, Runnable {
  #state: LifeState = 'created';
  #mailbox: Mailbox | undefined;
  #scheduled = false;
  /** A start that waits for its turn: unlike a stop it goes before the events that wait. */
  #start: PortEvent | undefined;

  abstract readonly path: string;
  protected abstract readonly scheduler: Scheduler;
  protected abstract readonly openedControl: ProvidedPort<typeof Control> | undefined;
  abstract nameOf(port: PortEnd): string;
  abstract deadLetter(port: PortEnd, event: PortEvent, reason: 'killed'): void;
  abstract start(): void;
  abstract stop(): void;
  abstract kill(): Promise<void>;
  protected abstract started(): void;
  protected abstract stopped(): void;
  protected abstract failed(fault: ComponentFault): void;

  get state(): LifeState {
    return this.#state;
  }

  get queuedEvents(): number {
    return this.#mailbox?.length ?? 0;
  }

  accept(delivery: Delivery, event: PortEvent): void {
    if (delivery.port === this.openedControl) {
      this.#obey(event);
    } else if (this.#state === 'killed') {
      this.deadLetter(delivery.port, event, 'killed');
    } else {
      this.#enqueue(delivery, event);
    }
  }

  get ready(): boolean {
    this.#scheduled = this.#hasWork;
    return this.#scheduled;
  }

  run(most: number): number {
    let handled = 0;
    let delivery: Delivery | undefined;
    let event: PortEvent | undefined;
    try {
      this.#handleStart();
      while (handled < most && this.#state === 'started') {
        delivery = this.#mailbox?.delivery;
        event = this.#mailbox?.shift();
        if (!delivery || !event) break;
        handled += 1;
        if (delivery.port === this.openedControl) this.#handleStop(event);
        else this.#handle(delivery, event);
      }
    } catch (error) {
      const port = delivery && this.nameOf(delivery.port);
      this.fail(new ComponentFault(this.path, port, event, error));
    }
    return handled;
  }

  /** Moves to `state`; events that wait are handled from `started` on. */
  protected enter(state: LifeState): void {
    this.#state = state;
    this.#schedule();
  }

  /** Handles `start` before all that waits. */
  protected startWith(start: PortEvent): void {
    this.#start = start;
    this.#schedule();
  }

  /** Handles `stop` after all that arrived before it. */
  protected stopWith(control: ProvidedPort<typeof Control>, stop: PortEvent): void {
    this.#enqueue(new Delivery(control, this), stop);
  }

  /** What waits will not be handled. */
  protected discardEvents(): void {
    const mailbox = this.#mailbox;
    this.#mailbox = undefined;
    while (mailbox) {
      const port = mailbox.delivery?.port;
      const event = mailbox.shift();
      if (!port || !event) return;
      if (port !== this.openedControl) this.deadLetter(port, event, 'killed');
    }
  }

  /** The first fault of a component is reported; what follows while it is suspended is not. */
  protected fail(fault: ComponentFault): void {
    if (this.#state === 'suspended' || this.#state === 'killed') return;
    this.#state = 'suspended';
    this.failed(fault);
  }

  get #hasWork(): boolean {
    if (this.#start) return this.#state === 'starting';
    return this.#state === 'started' && this.queuedEvents > 0;
  }

  #enqueue(delivery: Delivery, event: PortEvent): void {
    (this.#mailbox ??= new Mailbox()).push(delivery, event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || !this.#hasWork) return;
    this.#scheduled = true;
    this.scheduler.add(this);
  }

  #obey(command: PortEvent): void {
    if (command instanceof Kill) void this.kill();
    else if (command instanceof Stop) this.stop();
    else this.start();
  }

  #handleStart(): void {
    const start = this.#start;
    this.#start = undefined;
    if (!start || this.#state !== 'starting') return;
    this.#state = 'started';
    this.#handleControl(start);
    if (this.state === 'started') this.started();
  }

  #handleStop(stop: PortEvent): void {
    this.#handleControl(stop);
    if (this.state !== 'started') return;
    this.#state = 'stopping';
    this.stopped();
  }

  #handleControl(event: PortEvent): void {
    const control = this.openedControl;
    const delivery = control && wiring.deliveryTo(control, event.constructor as EventClass);
    if (delivery) this.#handle(delivery, event);
  }

  #handle(delivery: Delivery, event: PortEvent): void {
    const handlers = delivery.handlers;
    for (let index = 0; index < handlers.length; index += 1) handlers[index]?.(event);
    if (delivery.port.observed) wiring.publish(delivery.port, event);
  }
}
