import { WebSocket } from 'ws';

import { address, type Address } from './address';
import { Connection } from './connection';
import { path, type Site } from './site';

/** Who wants a connection to one place. */
export interface Caller {
  /** For reports. */
  readonly address: Address;
  /** False once a connection is not needed any more. */
  readonly wanted: boolean;
  opened(connection: Connection): void;
  /** Nobody could be reached there, `attempts` times in a row. */
  failed(attempts: number, reason: string): void;
}

/**
 * Dials one place until somebody answers, and again when told that it came to nothing. The time between
 * two attempts doubles up to a limit; half of it is left to chance, so that many do not come at once.
 */
export class Dialler {
  readonly #site: Site;
  readonly #place: { readonly host: string; readonly port: number };
  readonly #caller: Caller;
  #attempts = 0;
  #notBefore = 0;
  #cancel: (() => void) | undefined;
  #socket: WebSocket | undefined;

  constructor(site: Site, place: { readonly host: string; readonly port: number }, caller: Caller) {
    this.#site = site;
    this.#place = place;
    this.#caller = caller;
  }

  /** Begins to dial, unless it does already. */
  start(): void {
    if (this.#cancel || this.#socket) return;
    const { host } = this.#site.context;
    const delayMs = Math.max(0, this.#notBefore - host.now());
    if (delayMs === 0) this.#dial();
    else this.#cancel = host.after(delayMs, this.#site.context.edge(this.#again.bind(this)));
  }

  /** Gives the attempt up; the next one is not delayed by it. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  /** Somebody answered, and it was the right one. */
  succeeded(): void {
    // Who hangs up at once is not called again at once.
    this.#attempts = 0;
    this.#delay();
    this.#attempts = 0;
  }

  /** The connection was opened and came to nothing: dials again, after a while, if that is wanted. */
  again(): void {
    this.#delay();
    if (this.#caller.wanted) this.start();
  }

  #again(): void {
    this.#cancel = undefined;
    if (this.#caller.wanted) this.#dial();
  }

  #delay(): void {
    const { redialMs, longestRedialMs } = this.#site.settings;
    const delayMs = Math.min(redialMs * 2 ** this.#attempts, longestRedialMs);
    this.#attempts = Math.min(this.#attempts + 1, 30);
    this.#notBefore =
      this.#site.context.host.now() + delayMs / 2 + (this.#site.random.float() * delayMs) / 2;
  }

  #dial(): void {
    const { settings, context } = this.#site;
    const at = address(this.#place);
    const socket = new WebSocket(`ws:/${at.replace('@', '/')}${path}`, {
      perMessageDeflate: false,
      handshakeTimeout: settings.handshakeMs,
      // The mask keeps web pages from talking to proxies in their own words. Between our processes it
      // is worth nothing, and costs a third of the sender's time: a mask of zeros is skipped.
      generateMask: (mask) => mask.fill(0),
      maxPayload: settings.messageBytes + 2 * settings.frameBytes,
    });
    this.#socket = socket;
    let reason = 'closed during the handshake';
    const failed = context.edge((error: Error) => (reason = error.message));
    const closed = context.edge(() => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#delay();
      this.#caller.failed(this.#attempts, reason);
      if (this.#caller.wanted) this.start();
    });
    const opened = context.edge(() => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      socket.off('error', failed).off('close', closed);
      this.#caller.opened(new Connection(socket, at, this.#site));
    });
    socket.once('open', opened).on('error', failed).once('close', closed);
  }
}
