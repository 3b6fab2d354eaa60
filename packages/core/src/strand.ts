import type { DeadLetterReason } from './dead-letter';
import { ComponentFault } from './errors';
import type { PortEvent } from './event';
import { Start, Stop, type Kill, type LifeState } from './life';
import { Mailbox } from './mailbox';
import { wiring, type Delivery, type Inbox, type PortEnd } from './port-end';
import type { Runnable, Scheduler } from './scheduler';

/**
 * What a strand does at its next turn beside handling events: look whether it can begin, handle its
 * Start before all that waits, or handle its Stop after the events that had arrived before it.
 */
type Command = 'begin' | 'start' | { readonly stopAfter: number };

/**
 * The order in which one component handles its events: one at a time, never inside one another, in
 * the order of arrival over all its ports.
 */
export abstract class Strand implements Inbox, Runnable {
  #state: LifeState = 'created';
  #mailbox: Mailbox | undefined;
  #scheduled = false;
  #command: Command | undefined;

  abstract readonly path: string;
  abstract nameOf(port: PortEnd): string;
  abstract deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void;
  protected abstract readonly scheduler: Scheduler;
  /** The handlers at the control port take `event`. */
  protected abstract handleControl(event: Start | Stop | Kill): void;
  /** The turn of a component that was created under one that had begun. */
  protected abstract began(): void;
  protected abstract started(): void;
  protected abstract stopping(): void;
  protected abstract failed(fault: ComponentFault): void;

  get state(): LifeState {
    return this.#state;
  }

  get queuedEvents(): number {
    return this.#mailbox?.length ?? 0;
  }

  get handledEvents(): number {
    return this.#mailbox?.handledEvents ?? 0;
  }

  accept(delivery: Delivery, event: PortEvent): void {
    if (this.#state === 'killed') {
      this.deadLetter(delivery.port, event, 'killed');
      return;
    }
    (this.#mailbox ??= new Mailbox()).push(delivery, event);
    if (!this.#scheduled) this.#schedule();
  }

  run(most: number): number {
    const handled = this.#turn(most);
    this.#scheduled = false;
    this.#schedule();
    return handled;
  }

  /** Moves to `state`; events that wait are handled from `started` on. */
  protected enter(state: LifeState): void {
    this.#state = state;
    this.#schedule();
  }

  /** True if it was told to stop and has not come to it. */
  protected get stopCommanded(): boolean {
    return typeof this.#command === 'object';
  }

  protected command(command: 'begin' | 'start' | 'stop'): void {
    this.#command = command === 'stop' ? { stopAfter: this.queuedEvents } : command;
    this.#schedule();
  }

  /** What waits will not be handled. */
  protected discardEvents(): void {
    const mailbox = this.#mailbox;
    this.#mailbox = undefined;
    for (let port = mailbox?.delivery?.port; port; port = mailbox?.delivery?.port) {
      const event = mailbox?.shift();
      if (event) this.deadLetter(port, event, 'killed');
    }
  }

  /** It handles no further event. Whatever failed is reported; nothing is swallowed. */
  protected fail(fault: ComponentFault): void {
    if (this.#state !== 'killed') this.#state = 'suspended';
    this.failed(fault);
  }

  /** Runs the handlers at the control port; what they throw is a fault. */
  protected attempt(event: Start | Stop | Kill): void {
    try {
      this.handleControl(event);
    } catch (error) {
      this.fail(new ComponentFault(this.path, 'control', event, error));
    }
  }

  get #hasWork(): boolean {
    if (this.#command === 'begin') return this.#state === 'created';
    if (this.#command === 'start') return this.#state === 'starting';
    if (this.#state !== 'started') return false;
    return this.#command !== undefined || this.queuedEvents > 0;
  }

  #schedule(): void {
    if (this.#scheduled || !this.#hasWork) return;
    this.#scheduled = true;
    this.scheduler.add(this);
  }

  #turn(most: number): number {
    const command = this.#command;
    if (command === undefined) return this.#handleEvents(most);
    if (typeof command === 'object') return this.#handleUntilStop(command.stopAfter, most);
    this.#command = undefined;
    if (command === 'begin') this.#begin();
    else this.#handleStart();
    return 1;
  }

  #handleEvents(most: number): number {
    let handled = 0;
    let delivery: Delivery | undefined;
    let event: PortEvent | undefined;
    const mailbox = this.#mailbox;
    try {
      while (mailbox && handled < most && this.#state === 'started') {
        delivery = mailbox.delivery;
        event = mailbox.shift();
        if (!delivery || !event) break;
        handled += 1;
        this.#handle(delivery, event);
      }
    } catch (error) {
      const port = delivery && this.nameOf(delivery.port);
      this.fail(new ComponentFault(this.path, port, event, error));
    }
    if (mailbox) mailbox.handledEvents += handled;
    return handled;
  }

  #handleUntilStop(stopAfter: number, most: number): number {
    const handled = this.#handleEvents(Math.min(most, stopAfter));
    if (this.#state !== 'started') return handled;
    this.#command = handled < stopAfter ? { stopAfter: stopAfter - handled } : undefined;
    if (!this.#command) this.#handleStop();
    return handled;
  }

  #begin(): void {
    if (this.#state !== 'created') return;
    try {
      this.began();
    } catch (error) {
      this.fail(new ComponentFault(this.path, undefined, undefined, error));
    }
  }

  #handleStart(): void {
    if (this.#state !== 'starting') return;
    this.#state = 'started';
    this.attempt(new Start());
    if (this.state === 'started') this.started();
  }

  #handleStop(): void {
    this.attempt(new Stop());
    if (this.state !== 'started') return;
    this.#state = 'stopping';
    this.stopping();
  }

  #handle(delivery: Delivery, event: PortEvent): void {
    const { handlers, port } = delivery;
    for (const handler of handlers) {
      if (this.#state !== 'started') return;
      handler(event);
    }
    if (port.observed) wiring.publish(port, event);
    else if (handlers.length === 0) this.deadLetter(port, event, 'unhandled');
  }
}
