import type { DeadLetterReason } from './dead-letter';
import { ComponentFault, MailboxOverflowError } from './errors';
import type { PortEvent } from './event';
import { Start, Stop, type Kill, type LifeState } from './life';
import { Mailbox } from './mailbox';
import type { MailboxBound } from './overflow';
import { wiring, type Delivery, type Inbox, type PortEnd } from './port-end';
import type { Scheduler } from './scheduler';

/**
 * What a strand does at its next turn beside handling events: look whether it can begin, handle its
 * Start before all that waits, or handle its Stop after the events that had arrived before it.
 */
type Command = 'begin' | 'start' | { stopAfter: number };

/**
 * Why an event that arrives must wait in the mailbox: the bits of `#mode`, above which stands the index
 * of the state. All is 0 while a component has started and has nothing to do.
 */
const turning = 1; // It waits for its turn, or has it.
const waiting = 2; // A command or other events wait there already.
const stateUnit = 4;
const states: readonly LifeState[] = [
  ...(['started', 'created', 'starting', 'stopping', 'stopped', 'suspended', 'killed'] as const),
];

/**
 * The order in which one component handles its events: one at a time, never inside one another, in
 * the order of arrival over all its ports.
 */
export abstract class Strand implements Inbox {
  #mode = states.indexOf('created') * stateUnit;
  #mailbox: Mailbox | undefined;
  #command: Command | undefined;

  abstract readonly path: string;
  abstract nameOf(port: PortEnd): string;
  abstract deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void;
  abstract readonly turns: Scheduler;
  /** The handlers at the control port take `event`. */
  protected abstract handleControl(event: Start | Stop | Kill): void;
  /** The turn of a component that was created under one that had begun. */
  protected abstract began(): void;
  protected abstract started(): void;
  protected abstract stopping(): void;
  /** It fails; `delivery` brought the event at which it did, if one did. */
  abstract fail(fault: ComponentFault, delivery?: Delivery): void;

  get state(): LifeState {
    return states[Math.floor(this.#mode / stateUnit)] ?? 'killed';
  }

  get queuedEvents(): number {
    this.turns.giveBack();
    return this.#mailbox?.length ?? 0;
  }

  accept(delivery: Delivery, event: PortEvent): void {
    if (this.#mode === 0) {
      this.#mode = turning;
      this.turns.addWith(delivery, event);
    } else if (this.state === 'killed') {
      this.deadLetter(delivery.port, event, 'killed');
    } else {
      (this.#mailbox ??= new Mailbox()).push(delivery, event);
      this.#mode |= waiting;
    }
  }

  claim(): boolean {
    if (this.#mode !== 0) return false;
    this.#mode = turning;
    return true;
  }

  unclaim(): void {
    this.#mode = 0;
  }

  takeBack(delivery: Delivery, event: PortEvent): void {
    (this.#mailbox ??= new Mailbox()).unshift(delivery, event);
    this.#mode |= waiting;
  }

  run(most: number): number {
    const handled = this.turn(most);
    this.endTurn();
    return handled;
  }

  runWith(delivery: Delivery, event: PortEvent, most: number): number {
    try {
      this.handle(delivery, event);
    } catch (error) {
      this.fail(new ComponentFault(this.path, this.nameOf(delivery.port), event, error), delivery);
    }
    if (this.#mode === turning) {
      this.#mode = 0;
      return 1;
    }
    const handled = this.hasWork ? this.turn(most - 1) : 0;
    this.endTurn();
    return 1 + handled;
  }

  /** Moves to `state`; events that wait are handled from `started` on. */
  protected enter(state: LifeState): void {
    this.turns.giveBack();
    this.become(state);
    this.schedule();
  }

  /** True if it was told to stop and has not come to it. */
  protected get stopCommanded(): boolean {
    return typeof this.#command === 'object';
  }

  protected command(command: 'begin' | 'start' | 'stop'): void {
    this.#command = command === 'stop' ? { stopAfter: this.queuedEvents } : command;
    this.#mode |= waiting;
    this.schedule();
  }

  /** What waits will not be handled. */
  protected discardEvents(): void {
    this.turns.giveBack();
    const mailbox = this.#mailbox;
    this.#mailbox = undefined;
    for (let port = mailbox?.delivery?.port; port; port = mailbox?.delivery?.port) {
      const event = mailbox?.shift();
      if (event) this.deadLetter(port, event, 'killed');
    }
  }

  /** From now on as many events may wait as `bound` allows. */
  protected limit({ capacity, overflow }: MailboxBound): void {
    const oldest = overflow === 'drop-oldest';
    this.#mailbox = new Mailbox({
      capacity,
      overflowed: (mailbox, delivery, event) => {
        while (oldest && mailbox.length >= capacity) this.dropOldest(mailbox);
        if (oldest) return true;
        this.deadLetter(delivery.port, event, 'overflow');
        if (overflow === 'fault' && this.state !== 'suspended') {
          const cause = new MailboxOverflowError(this.path, capacity);
          this.fail(new ComponentFault(this.path, undefined, undefined, cause));
        }
        return false;
      },
    });
  }

  private dropOldest(mailbox: Mailbox): void {
    const { delivery } = mailbox;
    const event = mailbox.shift();
    if (typeof this.#command === 'object') this.#command.stopAfter -= 1;
    if (delivery && event) this.deadLetter(delivery.port, event, 'overflow');
  }

  /** Puts `event`, which it has had already, before all that waits. */
  protected requeue(delivery: Delivery, event: PortEvent): void {
    (this.#mailbox ??= new Mailbox()).unshift(delivery, event);
    if (typeof this.#command === 'object') this.#command.stopAfter += 1;
    this.#mode |= waiting;
    this.schedule();
  }

  protected forgetCommand(): void {
    this.#command = undefined;
    if (!this.loaded) this.#mode &= ~waiting;
  }

  /** Runs the handlers at the control port; what they throw is a fault. */
  protected attempt(event: Start | Stop | Kill): void {
    try {
      this.handleControl(event);
    } catch (error) {
      this.fail(new ComponentFault(this.path, 'control', event, error));
    }
  }

  private get running(): boolean {
    return this.#mode < stateUnit;
  }

  private get hasWork(): boolean {
    if (this.#command === 'begin') return this.state === 'created';
    if (this.#command === 'start') return this.state === 'starting';
    if (!this.running) return false;
    return this.#command !== undefined || this.loaded;
  }

  private get loaded(): boolean {
    return this.#mailbox !== undefined && this.#mailbox.length > 0;
  }

  private become(state: LifeState): void {
    this.#mode = (this.#mode % stateUnit) + states.indexOf(state) * stateUnit;
  }

  /** Its turn is over. */
  private endTurn(): void {
    this.#mode &= ~(turning | waiting);
    if (this.#command !== undefined || this.loaded) this.#mode |= waiting;
    this.schedule();
  }

  /** Asks for a turn, if there is something to do. */
  private schedule(): void {
    if ((this.#mode & turning) !== 0 || !this.hasWork) return;
    this.#mode |= turning;
    this.turns.add(this);
  }

  private turn(most: number): number {
    const command = this.#command;
    if (command === undefined) return this.handleEvents(most);
    if (typeof command === 'object') return this.handleUntilStop(command, most);
    this.#command = undefined;
    if (command === 'begin') this.begin();
    else this.handleStart();
    return 1;
  }

  private handleEvents(most: number): number {
    let handled = 0;
    let delivery: Delivery | undefined;
    let event: PortEvent | undefined;
    const mailbox = this.#mailbox;
    try {
      while (mailbox && handled < most && this.running) {
        delivery = mailbox.delivery;
        event = mailbox.shift();
        if (!delivery || !event) break;
        handled += 1;
        this.handle(delivery, event);
      }
    } catch (error) {
      const port = delivery && this.nameOf(delivery.port);
      this.fail(new ComponentFault(this.path, port, event, error), delivery);
    }
    return handled;
  }

  private handleUntilStop(command: { stopAfter: number }, most: number): number {
    const handled = this.handleEvents(Math.min(most, command.stopAfter));
    command.stopAfter -= handled;
    if (this.running && command.stopAfter <= 0) {
      this.#command = undefined;
      this.handleStop();
    }
    return handled;
  }

  private begin(): void {
    if (this.state !== 'created') return;
    try {
      this.began();
    } catch (error) {
      this.fail(new ComponentFault(this.path, undefined, undefined, error));
    }
  }

  private handleStart(): void {
    if (this.state !== 'starting') return;
    this.become('started');
    this.attempt(new Start());
    if (this.running) this.started();
  }

  private handleStop(): void {
    this.become('stopping');
    this.attempt(new Stop());
    if (this.state === 'stopping') this.stopping();
  }

  private handle(delivery: Delivery, event: PortEvent): void {
    delivery.handledEvents += 1;
    const { sole } = delivery;
    if (sole !== undefined) sole(event);
    else this.handleByAll(delivery, event);
  }

  private handleByAll({ handlers, port }: Delivery, event: PortEvent): void {
    for (const handler of handlers) {
      if (!this.running) return;
      handler(event);
    }
    if (port.observed) wiring.publish(port, event);
    else if (handlers.length === 0) this.deadLetter(port, event, 'unhandled');
  }
}
