import { forgetAbort, uponAbort } from './abort';
import type { Gauge } from './counter';
import type { DeadLetterReason } from './dead-letter';
import { AskedBeforeError, DeadLetterError, KilledError, UnansweredError } from './errors';
import { classOf, type PortEvent } from './event';
import { wiring, type PortEnd } from './port-end';
import { asking, type Asker, type PortRequest } from './request';
import type { Wait, Waits } from './waits';

/** How the program outside asks. */
export interface AskOptions {
  /** How long to wait for the answer, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

/** What an inquiry needs to know of the system. */
export interface Inquired {
  /** Why nothing will be answered any more; undefined while the system lives. */
  ended(): Error | undefined;
  /** How many inquiries wait. */
  readonly pending: Gauge;
}

/** A request of the program outside to one port: a promise of the answer. */
export class Inquiry<R extends PortEvent> implements Asker, Wait {
  readonly timeoutMs: number;
  readonly promise: Promise<R>;
  readonly #system: Inquired;
  readonly #port: PortEnd;
  readonly #request: PortRequest<R>;
  readonly #signal: AbortSignal | undefined;
  readonly #waits: Waits;
  #resolve: (response: R) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(system: Inquired, port: PortEnd, request: PortRequest<R>, options: AskOptions) {
    this.#system = system;
    this.#port = port;
    this.#request = request;
    this.#signal = options.signal;
    this.timeoutMs = options.timeoutMs ?? 5_000;
    this.#waits = wiring.waitsAt(port);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#begin();
    });
  }

  answer(response: PortEvent): void {
    this.#end();
    this.#resolve(response as R);
  }

  lost(port: string, reason: DeadLetterReason): void {
    if (reason === 'killed' && port === this.#port.name) this.close();
    else this.#fail(this.#system.ended() ?? new DeadLetterError(port, this.#name, reason));
  }

  expire(): void {
    this.#fail(new UnansweredError(this.#port.name, this.#name, this.timeoutMs));
  }

  close(): void {
    const { name } = this.#port;
    const component = name.slice(0, name.lastIndexOf('.'));
    this.#fail(this.#system.ended() ?? new KilledError(component));
  }

  get #name(): string {
    return this.#request.constructor.name;
  }

  readonly #aborted = (): void => {
    this.#fail(this.#signal?.reason);
  };

  #begin(): void {
    this.#signal?.throwIfAborted();
    const delivery = wiring.deliveryTo(this.#port, classOf(this.#request));
    if (!asking.note(this.#request, this)) throw new AskedBeforeError(this.#name);
    this.#system.pending.add();
    if (this.#signal) uponAbort(this.#signal, this.#aborted);
    this.#waits.begin(this);
    if (delivery) delivery.accept(this.#request);
    else wiring.deadLetter(this.#port, this.#request, 'unhandled');
  }

  /** It fails at most once: who asks no longer is told of nothing. */
  #fail(reason: unknown): void {
    if (!asking.settle(this.#request)) return;
    this.#end();
    this.#reject(reason);
  }

  #end(): void {
    this.#system.pending.add(-1);
    this.#waits.end(this);
    if (this.#signal) forgetAbort(this.#signal, this.#aborted);
  }
}
