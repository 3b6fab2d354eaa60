import type { Unsubscribable } from 'rxjs';

import type { DeadLetterReason } from './dead-letter';
import type { Hop } from './delivery';
import type { PortEvent } from './event';
import type { Host } from './host';
import { Control, Kill, Start, type LifeState } from './life';
import { ProvidedPort } from './port';
import { wiring, type Delivery, type PortEnd, type PortOwner } from './port-end';
import type { Scheduler } from './scheduler';

/** What commands are given to. */
interface Commanded extends Pick<
  PortOwner,
  'path' | 'host' | 'deadLetter' | 'feedFailed' | 'subscribed'
> {
  readonly state: LifeState;
  readonly turns: Scheduler;
  start(): void;
  stop(): void;
  kill(): Promise<void>;
}

/** Takes what arrives at the control port of a cell: it is a matter of life, and does not queue. */
export class ControlDesk implements PortOwner {
  readonly port: ProvidedPort<typeof Control>;
  readonly #cell: Commanded;

  constructor(cell: Commanded) {
    this.#cell = cell;
    this.port = new ProvidedPort(Control, this);
    this.#takeAll();
  }

  get path(): string {
    return this.#cell.path;
  }

  get host(): Host {
    return this.#cell.host;
  }

  get turns(): Scheduler {
    return this.#cell.turns;
  }

  /** Forgets the handlers of an instance that has ended. */
  clear(): void {
    wiring.rehandle(this.port);
    this.#takeAll();
  }

  nameOf(): string {
    return 'control';
  }

  /** What a component does upon a command is traced where it does it. */
  hopTo(delivery: Delivery): Hop {
    return delivery;
  }

  deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    this.#cell.deadLetter(port, event, reason);
  }

  feedFailed(cause: unknown): void {
    this.#cell.feedFailed(cause);
  }

  subscribed(subscription: Unsubscribable): void {
    this.#cell.subscribed(subscription);
  }

  accept(delivery: Delivery, event: PortEvent): void {
    if (this.#cell.state === 'killed') this.deadLetter(delivery.port, event, 'killed');
    else if (event instanceof Kill) void this.#cell.kill();
    else if (event instanceof Start) this.#cell.start();
    else this.#cell.stop();
  }

  /** It takes no turn, and so what follows is never asked of it. */
  claim(): boolean {
    return false;
  }

  unclaim(): void {
    // See claim.
  }

  run(): number {
    return 0;
  }

  runWith(delivery: Delivery, event: PortEvent): number {
    this.accept(delivery, event);
    return 1;
  }

  takeBack(delivery: Delivery, event: PortEvent): void {
    this.accept(delivery, event);
  }

  /** A command is obeyed whether or not the component has a handler for it. */
  #takeAll(): void {
    for (const command of Control.requests) this.port.upon(command, () => undefined);
  }
}
