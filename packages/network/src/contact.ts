import { address, type Address } from './address';
import { type Connection } from './connection';
import { Dialler, type Caller } from './dialler';
import { type Message } from './message';
import { type Peer } from './peer';
import {
  ConnectionRefused,
  SessionLost,
  Unreachable,
  type RefusalCode,
  type SessionEnd,
} from './port';
import { Session } from './session';
import { type Site } from './site';

/** What a {@link Contact} needs of the network around it. */
export interface ContactSurroundings {
  readonly site: Site;
  /** A connection is open: somebody answers. */
  answered(connection: Connection, contact: Contact): void;
}

/** Whoever answers at one host and port. Keeps what is sent there until it is known who that is. */
export class Contact implements Caller {
  readonly address: Address;
  /** Who answered; counts only while there is a connection with it. */
  answerer: Peer | 'self' | undefined;
  /** On its way to an introduction. */
  dialling: Connection | undefined;
  #kept: Session;
  #since: number;
  readonly #dialler: Dialler;
  readonly #around: ContactSurroundings;

  constructor(
    readonly place: { readonly host: string; readonly port: number },
    around: ContactSurroundings,
  ) {
    this.address = address(place);
    this.#around = around;
    this.#kept = this.#fresh();
    this.#since = around.site.context.host.now();
    this.#dialler = new Dialler(around.site, place, this);
  }

  get wanted(): boolean {
    return this.#around.site.running && this.#kept.queuedMessages > 0 && !this.dialling;
  }

  get forgettable(): boolean {
    const idleMs = this.#around.site.context.host.now() - this.#since;
    const idle = this.#kept.queuedMessages === 0 && !this.dialling;
    return idle && idleMs > this.#around.site.settings.outageMs;
  }

  /** The process that answered here, if it is still connected, and nothing must go to it before. */
  get connected(): Peer | 'self' | undefined {
    const { answerer } = this;
    if (this.#kept.queuedMessages > 0) return undefined;
    return answerer === 'self' || answerer?.connection ? answerer : undefined;
  }

  /** Keeps `message` until somebody answers. */
  send(message: Message): void {
    if (this.#kept.queuedMessages === 0) this.#since = this.#around.site.context.host.now();
    this.#kept.send(message);
    if (this.#kept.overflows) this.end('overflow');
    this.dial();
  }

  dial(): void {
    if (this.wanted) this.#dialler.start();
  }

  stopDialling(reason: string): void {
    const connection = this.dialling;
    this.dialling = undefined;
    this.#dialler.stop();
    connection?.cut(reason);
  }

  dialAgain(): void {
    this.dialling = undefined;
    this.#dialler.again();
  }

  /** Now it is known who answers: hands over what was kept. */
  resolve(answerer: Peer | 'self'): Session {
    this.answerer = answerer;
    this.dialling = undefined;
    this.#dialler.succeeded();
    const kept = this.#kept;
    this.#kept = this.#fresh();
    return kept;
  }

  refused(code: RefusalCode, text: string, expected?: string, found?: string): void {
    this.#around.site.tell(new ConnectionRefused(this.address, code, text, expected, found));
    this.end('refused');
  }

  end(reason: SessionEnd): void {
    const dropped = this.#kept.queuedMessages;
    this.#kept = this.#fresh();
    if (dropped === 0) return;
    this.#around.site.figures.messagesDropped.add(dropped);
    this.#around.site.tell(new SessionLost(this.address, dropped, reason));
  }

  tick(now: number): void {
    if (this.#kept.queuedMessages === 0) return;
    if (now - this.#since <= this.#around.site.settings.outageMs) return;
    this.end('outage');
    this.stopDialling('nobody waits for it any more');
  }

  opened(connection: Connection): void {
    this.#around.answered(connection, this);
  }

  failed(attempts: number, reason: string): void {
    this.#around.site.tell(new Unreachable(this.address, attempts, reason));
  }

  #fresh(): Session {
    return new Session('', this.#around.site.settings);
  }
}
