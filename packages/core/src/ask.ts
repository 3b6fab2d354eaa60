import type { Hop } from './delivery';
import { AskedBeforeError } from './errors';
import { classOf, type EventClass, type PortEvent } from './event';
import { Unanswered, asking, type Asker, type PortRequest } from './request';
import type { Wait, Waits } from './waits';

/**
 * A port from which requests come. As the first hop on their way out of it, it becomes the asker of
 * those that have none.
 */
export class Origin implements Hop, Asker {
  readonly #deliveryOf: (type: EventClass) => Hop;

  /** @param deliveryOf - the way of an event of this class into the mailbox behind the port */
  constructor(deliveryOf: (type: EventClass) => Hop) {
    this.#deliveryOf = deliveryOf;
  }

  accept(event: PortEvent): void {
    asking.note(event as PortRequest, this);
  }

  /** Whether anybody handles it is seen when its turn has come. */
  answer(response: PortEvent): void {
    this.#deliveryOf(classOf(response)).accept(response);
  }

  lost(): void {
    // Who asks without a limit of time has the dead letters to look at.
  }
}

/** A request whose answer a component waits for only so long. */
export class Ask implements Asker, Wait {
  readonly timeoutMs: number;
  readonly #origin: Origin;
  readonly #waits: Waits;
  readonly #request: PortRequest;

  constructor(origin: Origin, waits: Waits, request: PortRequest, timeoutMs: number) {
    this.#origin = origin;
    this.#waits = waits;
    this.#request = request;
    this.timeoutMs = timeoutMs;
  }

  /** @throws {@link AskedBeforeError} if the request has an asker */
  begin(): void {
    if (!asking.note(this.#request, this)) {
      throw new AskedBeforeError(this.#request.constructor.name);
    }
    this.#waits.begin(this);
  }

  answer(response: PortEvent): void {
    this.#waits.end(this);
    this.#origin.answer(response);
  }

  lost(): void {
    // Another copy of it may be answered still; if none is, the time will run out.
  }

  expire(): void {
    if (!asking.settle(this.#request)) return;
    this.#origin.answer(new Unanswered(this.#request, this.timeoutMs));
  }

  close(): void {
    // The asker was killed. What is answered nevertheless is a dead letter of its mailbox.
  }
}
