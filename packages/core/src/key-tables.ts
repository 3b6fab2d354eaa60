import type { Hop } from './delivery';
import type { EventClass } from './event';
import { gateTo, type Fate, type Gate } from './fate';
import type { KeySelector, KeyValue, Keyed } from './selector';

/** The ways of events of the class `type` over `links`. */
type Compile<L> = (links: Iterable<L>, type: EventClass) => readonly (Hop | Gate)[];

/**
 * The links out of one port that are selected by keys: one table per key, so that an event finds its
 * links by one look-up, and one link comes or goes without a look at the others.
 */
export class KeyTables<L> {
  readonly #tables = new Map<Keyed, KeyTable<L>>();
  readonly #compile: Compile<L>;

  constructor(compile: Compile<L>) {
    this.#compile = compile;
  }

  get size(): number {
    let size = 0;
    for (const table of this.#tables.values()) size += table.size;
    return size;
  }

  *[Symbol.iterator](): Iterator<L> {
    for (const table of this.#tables.values()) yield* table.links();
  }

  /** Returns true if the port knew no such key. */
  add({ key, value }: KeySelector, link: L): boolean {
    const known = this.#tables.get(key);
    const table = known ?? new KeyTable<L>(key, this.#compile);
    this.#tables.set(key, table);
    table.add(value, link);
    return !known;
  }

  /** Returns true if the port knows no such key any more. */
  remove({ key, value }: KeySelector, link: L): boolean {
    const table = this.#tables.get(key);
    table?.remove(value, link);
    return table?.size === 0 && this.#tables.delete(key);
  }

  /** The ways of the links selected by `selector` have changed. */
  forget({ key, value }: KeySelector): void {
    this.#tables.get(key)?.forget(value);
  }

  forgetAll(): void {
    for (const table of this.#tables.values()) table.forgetAll();
  }

  /** Where events of the class `type` go that leave the port. */
  waysFor(type: EventClass): readonly (Hop | Gate)[] {
    return [...this.#tables.values()].flatMap((table) => table.waysFor(type));
  }
}

class KeyTable<L> {
  readonly #key: Keyed;
  readonly #compile: Compile<L>;
  readonly #links = new Map<KeyValue, Set<L>>();
  readonly #gates = new Map<EventClass, KeyGate>();
  #size = 0;

  constructor(key: Keyed, compile: Compile<L>) {
    this.#key = key;
    this.#compile = compile;
  }

  get size(): number {
    return this.#size;
  }

  *links(): Iterable<L> {
    for (const links of this.#links.values()) yield* links;
  }

  add(value: KeyValue, link: L): void {
    const links = this.#links.get(value);
    if (links) links.add(link);
    else this.#links.set(value, new Set([link]));
    this.#size += 1;
    this.forget(value);
  }

  remove(value: KeyValue, link: L): void {
    const links = this.#links.get(value);
    if (!links?.delete(link)) return;
    if (links.size === 0) this.#links.delete(value);
    this.#size -= 1;
    this.forget(value);
  }

  forget(value: KeyValue): void {
    for (const gate of this.#gates.values()) gate.forget(value);
  }

  forgetAll(): void {
    this.#gates.clear();
  }

  /** Events which the key does not concern go over every link. */
  waysFor(type: EventClass): readonly (Hop | Gate)[] {
    if (!this.#key.concerns(type)) return this.#compile(this.links(), type);
    let gate = this.#gates.get(type);
    if (!gate) {
      gate = new KeyGate(this.#key, (value) => {
        const links = this.#links.get(value);
        return links && this.#compile(links, type).map(gateTo);
      });
      this.#gates.set(type, gate);
    }
    return [gate];
  }
}

/** Leads an event of one class to the links selected by its value. */
class KeyGate implements Gate {
  readonly #key: Keyed;
  readonly #compile: (value: KeyValue) => readonly Gate[] | undefined;
  readonly #gates = new Map<KeyValue, readonly Gate[]>();

  constructor(key: Keyed, compile: (value: KeyValue) => readonly Gate[] | undefined) {
    this.#key = key;
    this.#compile = compile;
  }

  offer(fate: Fate): void {
    const gates = this.#gatesFor(fate);
    if (!gates) fate.unselected = true;
    else for (const gate of gates) gate.offer(fate);
  }

  forget(value: KeyValue): void {
    this.#gates.delete(value);
  }

  /** Undefined if no link is selected by the value of the event, or if it has none. */
  #gatesFor(fate: Fate): readonly Gate[] | undefined {
    let value: KeyValue;
    try {
      value = this.#key.valueOf(fate.event);
    } catch (error) {
      fate.fail(error);
      return undefined;
    }
    const known = this.#gates.get(value);
    if (known) return known;
    const gates = this.#compile(value);
    // A value without a link is not noted: who sends here may make up any number of them.
    if (gates) this.#gates.set(value, gates);
    return gates;
  }
}
