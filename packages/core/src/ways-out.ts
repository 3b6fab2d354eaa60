import type { Unsubscribable } from 'rxjs';

import { joined, type Hop } from './delivery';
import type { EventClass, PortEvent } from './event';
import { Fate, gateTo, type Gate, type Sender } from './fate';
import { KeyTables } from './key-tables';
import type { PortOwnerOf } from './port-owner';
import type { KeySelector } from './selector';

/** What a port of the type `P` needs to know of a channel. */
export interface LinkOf<P> extends Unsubscribable {
  /** The events that wait; undefined while it is not held. */
  readonly held: { readonly requests: number; readonly indications: number } | undefined;
  /** It carries only some of the events. */
  readonly selected: boolean;
  /** The other end than `port`; undefined while that is free. */
  opposite(port: P): P | undefined;
  /** By which key it is found from `port`; undefined if it is not. */
  keyFrom(port: P): KeySelector | undefined;
  /** Where events of the class `type` go that leave `port` this way; undefined if nobody takes them. */
  wayFrom(port: P, type: EventClass): Hop | Gate | undefined;
  /** The component at `port` was killed. */
  bereave(port: P): void;
}

/** The channels that end at one port, and the ways of the events that leave it there. */
export class WaysOut<P> {
  readonly #port: P;
  readonly #owner: PortOwnerOf<P>;
  /** All but those found by a key. Most ports have one channel, which then stands here itself. */
  #links: LinkOf<P> | LinkOf<P>[] | undefined;
  #tables: KeyTables<LinkOf<P>> | undefined;
  #routes: Map<EventClass, Hop> | undefined;

  constructor(port: P, owner: PortOwnerOf<P>) {
    this.#port = port;
    this.#owner = owner;
  }

  /** What events that leave the port know of it. */
  get sender(): Sender {
    return {
      deadLetter: (event, reason) => {
        this.#owner.deadLetter(this.#port, event, reason);
      },
      fault: (cause) => {
        this.#owner.feedFailed(cause);
      },
    };
  }

  /** A channel ends here whose other end is not free. */
  get connected(): boolean {
    for (const link of this) if (link.opposite(this.#port)) return true;
    return false;
  }

  get size(): number {
    return this.#plainLinks.length + (this.#tables?.size ?? 0);
  }

  *[Symbol.iterator](): Iterator<LinkOf<P>> {
    yield* this.#plainLinks;
    if (this.#tables) yield* this.#tables;
  }

  attach(link: LinkOf<P>): void {
    const selector = link.keyFrom(this.#port);
    if (selector) {
      this.#tables ??= new KeyTables((links, type) => this.#waysOver(links, type));
      this.#forgetBeside(selector, this.#tables.add(selector, link));
    } else {
      if (this.#links instanceof Array) this.#links.push(link);
      else this.#links = this.#links ? [this.#links, link] : link;
      this.#routes = undefined;
    }
  }

  detach(link: LinkOf<P>): void {
    const selector = link.keyFrom(this.#port);
    if (selector) {
      this.#forgetBeside(selector, this.#tables?.remove(selector, link));
    } else {
      this.#remove(link);
      this.#routes = undefined;
    }
  }

  /** Compiles the ways anew when next an event takes them: all, or those over `link`. */
  forget(link?: LinkOf<P>): void {
    const selector = link?.keyFrom(this.#port);
    if (selector) {
      this.#tables?.forget(selector);
      this.#forgetBeside(selector);
    } else {
      if (!link) this.#tables?.forgetAll();
      this.#routes = undefined;
    }
  }

  /** The way of events of the class `type`; undefined if none took it since the last change. */
  wayOf(type: EventClass): Hop | undefined {
    return this.#routes?.get(type);
  }

  /** Compiles the way of events of the class `type`; they pass `before` first. */
  compile(type: EventClass, before: readonly Hop[]): Hop {
    const way = joined([...before, ...this.#hopsFor(type)]);
    (this.#routes ??= new Map()).set(type, way);
    return way;
  }

  #remove(link: LinkOf<P>): void {
    const links = this.#links;
    if (links === link) this.#links = undefined;
    if (!(links instanceof Array)) return;
    const index = links.lastIndexOf(link);
    if (index >= 0) links.splice(index, 1);
  }

  get #plainLinks(): readonly LinkOf<P>[] {
    const links = this.#links;
    return links instanceof Array ? links : links ? [links] : [];
  }

  /** A link found by `selector` came, went or changed: events which its key does not concern pass it. */
  #forgetBeside({ key }: KeySelector, allRoutes = false): void {
    if (allRoutes) this.#routes = undefined;
    for (const type of this.#routes?.keys() ?? []) {
      if (!key.concerns(type)) this.#routes?.delete(type);
    }
  }

  #hopsFor(type: EventClass): readonly Hop[] {
    const ways = this.#waysOver(this.#plainLinks, type);
    if (this.#tables) ways.push(...this.#tables.waysFor(type));
    const hops = ways.filter((way) => 'accept' in way);
    if (hops.length < ways.length) return [new Junction(this.sender, ways.map(gateTo))];
    return hops.length > 0 ? hops : [this.#deadEnd];
  }

  #waysOver(links: Iterable<LinkOf<P>>, type: EventClass): (Hop | Gate)[] {
    const ways: (Hop | Gate)[] = [];
    for (const link of links) {
      const way = link.wayFrom(this.#port, type);
      if (way) ways.push(way);
    }
    return ways;
  }

  /** The end of a way on which nobody takes the event. */
  get #deadEnd(): Hop {
    const reason = this.size > 0 ? 'unhandled' : 'unconnected';
    return {
      accept: (event) => {
        this.#owner.deadLetter(this.#port, event, reason);
      },
    };
  }
}

/** Offers an event to one way after the other. */
class Junction implements Hop {
  readonly #sender: Sender;
  readonly #gates: readonly Gate[];

  constructor(sender: Sender, gates: readonly Gate[]) {
    this.#sender = sender;
    this.#gates = gates;
  }

  accept(event: PortEvent): void {
    const fate = new Fate(event, this.#sender);
    for (const gate of this.#gates) gate.offer(fate);
    fate.settle();
  }
}
