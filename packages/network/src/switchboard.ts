import { type WebSocket } from 'ws';

import { parseAddress, processOf, unitAt, unitOf, type Address, type ProcessId } from './address';
import { Connection } from './connection';
import { Contact } from './contact';
import { Introductions } from './introductions';
import { sendingUnit, type Message } from './message';
import { Peer, type PeerSurroundings } from './peer';
import { type Session } from './session';
import { type Site } from './site';

/** Who gets what is sent to an address. */
type Route = Peer | Contact | 'self';

/** Everybody whom a process sends to or hears from, and the connections with them. */
export class Switchboard {
  readonly #site: Site;
  readonly #introductions: Introductions;
  readonly #around: PeerSurroundings;
  readonly #peers = new Map<ProcessId, Peer>();
  readonly #contacts = new Map<Address, Contact>();
  /** By the destination of a message, so that each address is taken apart once. */
  readonly #routes = new Map<Address, Route>();
  #unflushed: Peer[] = [];
  readonly #flush: () => void;
  #lastTick: number;

  constructor(site: Site) {
    this.#site = site;
    this.#introductions = new Introductions(site, {
      peer: this.#peer.bind(this),
      deliverKept: this.#deliverKept.bind(this),
    });
    this.#around = {
      site,
      flushSoon: this.#flushSoon.bind(this),
      dialled: (connection, peer) => {
        this.#introductions.dialled(connection, peer);
      },
    };
    this.#flush = site.context.edge(this.#flushAll.bind(this));
    this.#lastTick = site.context.host.now();
  }

  send(message: Message): void {
    this.#site.figures.sent(message);
    const { destination } = message;
    let route = this.#routes.get(destination);
    if (!route) this.#routes.set(destination, (route = this.#routeTo(destination)));
    const receiver = route instanceof Contact ? (route.connected ?? route) : route;
    if (receiver === 'self') this.#deliverHere(message);
    else receiver.send(message);
  }

  /** Somebody has come in. */
  entered(socket: WebSocket, remote: Address): void {
    const connection = new Connection(socket, remote, this.#site);
    if (this.#site.running) this.#introductions.accept(connection);
    else connection.leave();
  }

  /** Connections are welcome from now on: dials for all that was kept. */
  open(): void {
    this.#lastTick = this.#site.context.host.now();
    for (const caller of this.#callers()) caller.dial();
  }

  /** Sends what waits to those who are connected, and hangs up. */
  close(): void {
    for (const caller of this.#callers()) caller.stopDialling('the process stops');
    for (const peer of this.#peers.values()) peer.depart();
    this.#introductions.close();
  }

  tick(): void {
    const { host } = this.#site.context;
    const now = host.now();
    const heldUpMs = now - this.#lastTick;
    this.#lastTick = now;
    if (2 * heldUpMs > this.#site.settings.silenceMs) {
      for (const connection of this.#site.connections) connection.forgive(now);
    }
    this.#introductions.tick(now);
    for (const caller of this.#callers()) caller.tick(now);
    this.#measure();
    this.#forget();
  }

  *#callers(): Iterable<Peer | Contact> {
    yield* this.#peers.values();
    yield* this.#contacts.values();
  }

  #routeTo(destination: Address): Route {
    const process = processOf(destination);
    const { id, host = '', port = 0 } = parseAddress(destination);
    if (id === this.#site.settings.id) return 'self';
    if (id !== undefined) return this.#peer(id, process);
    const known = this.#contacts.get(process);
    if (known) return known;
    const contact = new Contact(
      { host, port },
      {
        site: this.#site,
        answered: (connection, answered) => {
          this.#introductions.dialled(connection, answered);
        },
      },
    );
    this.#contacts.set(process, contact);
    return contact;
  }

  #peer(id: ProcessId, known: Address): Peer {
    let peer = this.#peers.get(id);
    if (!peer) this.#peers.set(id, (peer = new Peer(id, known, this.#around)));
    else if (!peer.connection) peer.locate(known);
    return peer;
  }

  #deliverHere(message: Message): void {
    const { address } = this.#site;
    this.#site.figures.received(message);
    const source = unitAt(address, sendingUnit(message));
    const destination = unitAt(address, unitOf(message.destination));
    this.#site.deliver(message.declaration.received(message, source, destination));
  }

  /** What was kept for whoever answers is for this process itself. */
  #deliverKept(kept: Session): void {
    const { address } = this.#site;
    kept.drain(address, {
      deliver: (message) => {
        this.#site.figures.received(message);
        this.#site.deliver(message);
      },
      reject: (reason, text) => {
        this.#site.reject(address, reason, text);
      },
    });
  }

  #flushSoon(peer: Peer): void {
    if (peer.flushing) return;
    peer.flushing = true;
    if (this.#unflushed.push(peer) === 1) this.#site.context.host.afterIo(this.#flush);
  }

  #flushAll(): void {
    const peers = this.#unflushed;
    this.#unflushed = [];
    for (const peer of peers) {
      peer.flushing = false;
      peer.flush();
    }
  }

  #measure(): void {
    let messages = 0;
    let bytes = 0;
    for (const { association } of this.#peers.values()) {
      messages += association.session?.queuedMessages ?? 0;
      bytes += association.session?.queuedBytes ?? 0;
    }
    this.#site.figures.queuedMessages.value = messages;
    this.#site.figures.queuedBytes.value = bytes;
  }

  /** Lets go of whom nothing was heard of and sent to for long. */
  #forget(): void {
    for (const [id, peer] of this.#peers) if (peer.forgettable) this.#peers.delete(id);
    for (const [at, contact] of this.#contacts) {
      if (contact.forgettable) this.#contacts.delete(at);
    }
    for (const [destination, route] of this.#routes) {
      if (route !== 'self' && route.forgettable) this.#routes.delete(destination);
    }
  }
}
