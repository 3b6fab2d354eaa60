import { address, parseAddress, type Address, type ProcessId } from './address';
import { Association } from './association';
import { type Connection, type ConnectionHandler } from './connection';
import { Dialler, type Caller } from './dialler';
import { BrokenFrame } from './frame';
import { type Message } from './message';
import {
  Congested,
  Connected,
  ConnectionRefused,
  Disconnected,
  Relieved,
  SessionLost,
  Unreachable,
  type RefusalCode,
  type SessionEnd,
} from './port';
import { type Receiver, type Session } from './session';
import { type Site } from './site';

/** What a {@link Peer} needs of the network around it. */
export interface PeerSurroundings {
  readonly site: Site;
  /** Calls {@link Peer.flush} in this turn of the event loop, after all that is going on. */
  flushSoon(peer: Peer): void;
  /** A connection that was dialled for `peer` is open: the handshake begins. */
  readonly dialled: (connection: Connection, peer: Peer) => void;
}

/** Another process: what this one knows of it, the connection with it, and the way there. */
export class Peer implements ConnectionHandler, Caller, Receiver {
  /** As it introduces itself; before, as it was written by whoever sends to it. */
  address: Address;
  readonly association: Association;
  connection: Connection | undefined;
  /** True if a flush in this turn of the event loop is asked for already. */
  flushing = false;
  /** On its way through the handshake. */
  dialling: Connection | undefined;
  #dialler: Dialler | undefined;
  #place: string | undefined;
  #downSince: number;
  #congested = false;
  #wasConnected = false;
  /** It has stopped, and cannot be dialled: until it comes again, nobody waits for it. */
  #left = false;
  readonly #around: PeerSurroundings;
  readonly #site: Site;

  constructor(
    readonly id: ProcessId,
    known: Address,
    around: PeerSurroundings,
  ) {
    this.address = known;
    this.#around = around;
    this.#site = around.site;
    this.#downSince = this.#site.context.host.now();
    const { settings } = this.#site;
    this.association = new Association(id, {
      self: settings.id,
      bounds: settings,
      drawSession: () => this.#site.random.hex(12),
      lost: (_, dropped, reason) => {
        this.#lost(dropped, reason);
      },
    });
    this.locate(known);
  }

  get wanted(): boolean {
    const { association, connection, dialling } = this;
    return this.#site.running && !!association.session && !connection && !dialling;
  }

  /** There was nothing to do with this process for so long that it can be forgotten. */
  get forgettable(): boolean {
    const idleMs = this.#site.context.host.now() - this.#downSince;
    const { closeMs, outageMs } = this.#site.settings;
    // What is being sent to a process that has just left is let go, and must not be kept for it.
    const rememberedMs = this.#left ? closeMs : outageMs;
    return !this.association.session && !this.connection && !this.dialling && idleMs > rememberedMs;
  }

  /** Learns where the process can be dialled. */
  locate(at: Address): void {
    const { host, port } = parseAddress(at);
    if (host === undefined || port === undefined) return;
    this.address = address({ id: this.id, host, port });
    if (this.#place === `${host}:${port}`) return;
    this.#place = `${host}:${port}`;
    this.#left = false;
    this.#dialler?.stop();
    this.#dialler = new Dialler(this.#site, { host, port }, this);
  }

  send(message: Message): void {
    this.#wake();
    this.association.send(message);
    this.#sent();
  }

  /** Sends what was kept until it was known who answers. */
  adopt(kept: Session): void {
    this.#wake();
    this.association.adopt(kept);
    this.#sent();
  }

  dial(): void {
    if (this.wanted) this.#dialler?.start();
  }

  /** Puts into the socket what waits, as far as it takes it. */
  flush(): void {
    const { connection } = this;
    const { session } = this.association;
    if (!connection || !session) return;
    while (connection.ready) {
      const frame = session.nextFrame();
      if (!frame) break;
      connection.send(frame);
    }
    if (session.acknowledgementDue) this.#acknowledge(session, connection);
  }

  /** Puts all that waits into the socket, and closes it. */
  depart(): void {
    const { connection } = this;
    const { session } = this.association;
    if (!connection || !session) return;
    for (let frame = session.nextFrame(); frame; frame = session.nextFrame()) {
      connection.send(frame);
    }
    this.#acknowledge(session, connection);
    connection.leave();
  }

  /** The handshake is done. */
  attach(connection: Connection, resumed: boolean): void {
    this.stopDialling('another connection came first');
    this.#dialler?.succeeded();
    const former = this.connection;
    this.connection = connection;
    this.#left = false;
    connection.handler = this;
    connection.remote = this.address;
    former?.cut('another connection took its place');
    if (this.#wasConnected) this.#site.figures.reconnects.add();
    this.#wasConnected = true;
    this.#site.tell(new Connected(this.address, resumed));
    this.#around.flushSoon(this);
  }

  stopDialling(reason: string): void {
    const connection = this.dialling;
    this.dialling = undefined;
    this.association.abandon();
    this.#dialler?.stop();
    connection?.cut(reason);
  }

  /** The handshake came to nothing. */
  dialAgain(): void {
    this.dialling = undefined;
    this.association.abandon();
    if (!this.connection) this.#dialler?.again();
  }

  /** It is not whom we look for, or does not want us: there is no use in waiting. */
  refused(code: RefusalCode, text: string, expected?: string, found?: string): void {
    this.#site.tell(new ConnectionRefused(this.address, code, text, expected, found));
    this.association.end(code === 'ERR_WRONG_PROCESS' ? 'other process' : 'refused');
  }

  tick(now: number): void {
    const { session } = this.association;
    if (this.connection) {
      this.connection.tick(now);
      if (session) this.#acknowledge(session, this.connection);
      this.#relieve();
    } else if (session && now - this.#downSince > this.#site.settings.outageMs) {
      this.association.end('outage');
      this.stopDialling('nobody waits for it any more');
    }
    session?.shrink();
  }

  // What its connection reports:

  handshake(connection: Connection): void {
    connection.reject('frame', 'a handshake where frames come');
  }

  frame(connection: Connection, frame: Buffer): void {
    const { session } = this.association;
    if (!session || connection !== this.connection) return;
    try {
      session.receive(frame, this.address, this.#site.address, this);
    } catch (error) {
      if (!(error instanceof BrokenFrame)) throw error;
      connection.reject('frame', error.message);
    }
    if (session.acknowledgementDue || session.waiting) this.#around.flushSoon(this);
    this.#relieve();
  }

  drained(connection: Connection): void {
    if (connection === this.connection && this.association.session?.waiting) this.flush();
  }

  closed(connection: Connection, reason: string, left: boolean): void {
    if (connection !== this.connection) return;
    this.connection = undefined;
    this.#downSince = this.#site.context.host.now();
    this.#site.tell(new Disconnected(this.address, reason));
    this.#left = left && this.#place === undefined;
    if (this.#left) this.association.end('ended by peer');
    else this.dial();
  }

  // What its session reports:

  deliver(message: Message): void {
    this.#site.figures.received(message);
    this.#site.deliver(message);
  }

  reject(reason: 'unknown type' | 'malformed message', text: string): void {
    this.#site.reject(this.address, reason, text);
  }

  // What its dialler reports:

  opened(connection: Connection): void {
    this.#around.dialled(connection, this);
  }

  failed(attempts: number, reason: string): void {
    this.#site.tell(new Unreachable(this.address, attempts, reason));
  }

  /** A session begins with a message; from then on it is counted how long it waits. */
  #wake(): void {
    if (!this.association.session && !this.connection && !this.#left) {
      this.#downSince = this.#site.context.host.now();
    }
  }

  #sent(): void {
    if (this.#left) this.association.end('ended by peer');
    else if (this.connection) this.#around.flushSoon(this);
    else this.dial();
    const { session } = this.association;
    if (this.#congested || !session) return;
    const { congestedMessages, congestedBytes } = this.#site.settings;
    const { queuedMessages, queuedBytes } = session;
    if (queuedMessages < congestedMessages && queuedBytes < congestedBytes) return;
    this.#congested = true;
    this.#site.tell(new Congested(this.address, queuedMessages, queuedBytes));
  }

  #relieve(): void {
    if (!this.#congested) return;
    const { congestedMessages, congestedBytes } = this.#site.settings;
    const { queuedMessages = 0, queuedBytes = 0 } = this.association.session ?? {};
    if (2 * queuedMessages > congestedMessages || 2 * queuedBytes > congestedBytes) return;
    this.#congested = false;
    this.#site.tell(new Relieved(this.address));
  }

  #acknowledge(session: Session, connection: Connection): void {
    const frame = session.acknowledgement();
    if (frame) connection.send(frame);
  }

  #lost(dropped: number, reason: SessionEnd): void {
    this.#site.figures.sessionsLost.add();
    this.#site.figures.messagesDropped.add(dropped);
    this.#site.tell(new SessionLost(this.address, dropped, reason));
    this.#relieve();
    // The connection was this session's; the other side learns of its end by the next handshake.
    this.connection?.cut(`its session has ended: ${reason}`);
  }
}
