import { type RawData, type WebSocket } from 'ws';

import { type Address } from './address';
import { Handshake, handshakeBytes } from './handshake';
import { type OpenConnection, type Site } from './site';

/** What becomes of a connection; another handler takes over when the handshake is done. */
export interface ConnectionHandler {
  handshake(connection: Connection, said: Handshake): void;
  frame(connection: Connection, frame: Buffer): void;
  /** What was put into the socket has left it. */
  drained(connection: Connection): void;
  /**
   * Called once, and nothing after it.
   * @param left - true if the process at the other end stops, and has said so by {@link Connection.leave}
   */
  closed(connection: Connection, reason: string, left: boolean): void;
}

/** The code of RFC 6455 for an end that goes away. */
const goingAway = 1001;

/** A WebSocket that is open, to or from another process. */
export class Connection implements OpenConnection {
  handler: ConnectionHandler | undefined;
  /** The other end: of its socket, until the process there has introduced itself. */
  remote: Address;
  readonly openedAt: number;
  /** When the socket is gone. */
  readonly ended: Promise<unknown>;
  #heardAt: number;
  #pinged = false;
  #reason: string | undefined;
  readonly #socket: WebSocket;
  readonly #site: Site;
  readonly #written: () => void;

  constructor(socket: WebSocket, remote: Address, site: Site) {
    this.remote = remote;
    this.#socket = socket;
    this.#site = site;
    this.openedAt = this.#heardAt = site.context.host.now();
    const { context } = site;
    this.#written = context.edge(() => this.handler?.drained(this));
    socket.on('message', context.edge(this.#message.bind(this)));
    socket.on('pong', context.edge(this.#heard.bind(this)));
    socket.on('ping', context.edge(this.#heard.bind(this)));
    socket.on('error', context.edge(this.#failed.bind(this)));
    socket.on('close', context.edge(this.#ended.bind(this)));
    this.ended = new Promise((resolve) => socket.once('close', resolve));
    site.connections.add(this);
    site.figures.connections.value = site.connections.size;
  }

  /** False while enough waits in the socket. */
  get ready(): boolean {
    return this.#socket.bufferedAmount < this.#site.settings.socketBytes;
  }

  /** True if no more is expected of it than to end. */
  get closing(): boolean {
    return this.#reason !== undefined;
  }

  say(handshake: Handshake): void {
    this.#socket.send(JSON.stringify(handshake));
  }

  send(frame: Buffer): void {
    const { figures } = this.#site;
    figures.framesSent.value += 1;
    figures.bytesSent.value += frame.length;
    this.#socket.send(frame, this.#written);
  }

  /** Looks after signs of life. */
  tick(now: number): void {
    const { pingAfterMs, silenceMs } = this.#site.settings;
    const silentMs = now - this.#heardAt;
    if (silentMs > silenceMs) this.cut(`silent for ${silenceMs} ms`);
    else if (silentMs > pingAfterMs && !this.#pinged) {
      this.#pinged = true;
      this.#socket.ping();
    }
  }

  /** The process was held up: what the others said meanwhile is still to be read. */
  forgive(now: number): void {
    this.#heardAt = now;
  }

  /** Sends what was put into the socket, and closes it. */
  close(code: number, reason: string): void {
    this.#reason ??= reason;
    this.#socket.close(code, reason);
  }

  /** This process stops, and says so. */
  leave(): void {
    this.close(goingAway, 'the process stops');
  }

  /** Gives the socket up, with all that waits in it. */
  cut(reason: string): void {
    this.#reason ??= reason;
    this.#socket.terminate();
  }

  /** Refuses what came in: it is no handshake, or no frame, of ours. */
  reject(reason: 'handshake' | 'frame' | 'stranger', text: string): void {
    this.#site.reject(this.remote, reason, text);
    this.close(1002, text.slice(0, 100));
  }

  #heard(): void {
    this.#heardAt = this.#site.context.host.now();
    this.#pinged = false;
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#heard();
    // A connection that is being closed is not heard any more: its handler may be in another state.
    if (this.#reason !== undefined || !Buffer.isBuffer(data)) return;
    if (isBinary) {
      this.#site.figures.framesReceived.value += 1;
      this.#site.figures.bytesReceived.value += data.length;
      this.handler?.frame(this, data);
      return;
    }
    const said = data.length > handshakeBytes ? undefined : parseHandshake(data.toString());
    if (said) this.handler?.handshake(this, said);
    else this.reject('handshake', 'a text that is no handshake');
  }

  #failed(error: Error & { readonly code?: string }): void {
    if (error.code?.startsWith('WS_ERR_')) this.#site.reject(this.remote, 'bytes', error.message);
    this.#reason ??= error.message;
  }

  #ended(code: number, text: Buffer): void {
    this.#site.connections.delete(this);
    this.#site.figures.connections.value = this.#site.connections.size;
    // A code that was sent from here comes back as an echo, and says nothing of the other end.
    const left = code === goingAway && this.#reason === undefined;
    const reason = this.#reason ?? (text.toString() || `closed with code ${code}`);
    this.handler?.closed(this, reason, left);
  }
}

function parseHandshake(text: string): Handshake | undefined {
  try {
    return Handshake.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
