import { isKindOf, type EventClass, type PortEvent } from './event';
import type { IndicationOf, PortType, RequestOf } from './port-type';

/** What an event is looked up by. Compared by value, so it is none of an object. */
export type KeyValue = string | number | bigint | boolean | undefined;

/**
 * What is read off the events of some classes so that many channels share one table. Make it once, and
 * select by `key.is(value)`: an event then costs one reading and one look-up, however many channels
 * there are. Events of classes which the key does not concern pass every channel selected by it.
 *
 * @example
 * ```ts
 * import { Key, event } from '@jbstore/core';
 *
 * class Delivered extends event('Delivered') {
 *   constructor(readonly room: number) {
 *     super();
 *   }
 * }
 * const byRoom = new Key(Delivered, ({ room }) => room);
 * export const second = byRoom.is(2);
 * ```
 */
export class Key<E extends PortEvent, Value extends KeyValue> implements Keyed {
  readonly #types: readonly EventClass[];
  readonly #valueOf: (event: E) => Value;

  /**
   * @param types - the class which the key concerns, with those below it; or several, such as the
   *   requests of a port type
   * @param valueOf - a function of the event alone
   */
  constructor(types: EventClass<E> | readonly EventClass<E>[], valueOf: (event: E) => Value) {
    this.#types = typeof types === 'function' ? [types] : types;
    this.#valueOf = valueOf;
  }

  /** Lets through the events whose value is `value`. */
  is(value: Value): KeySelector<E> {
    return new KeySelector<E>(this, value);
  }

  concerns(type: EventClass): boolean {
    return this.#types.some((base) => isKindOf(type, base));
  }

  valueOf(event: PortEvent): Value {
    return this.#valueOf(event as E);
  }
}

/** A {@link Key} of any class of events. */
export interface Keyed {
  /** Events of the class `type` have a value. */
  concerns(type: EventClass): boolean;
  /** Not to be asked of events that it does not concern. */
  valueOf(event: PortEvent): KeyValue;
}

/** Lets through the events that have one value under a key. */
export class KeySelector<out E extends PortEvent = PortEvent> {
  /** Keeps it from where no such event passes. */
  declare protected readonly concerned: E;

  constructor(
    readonly key: Keyed,
    readonly value: KeyValue,
  ) {}
}

/** Says of an event whether a channel carries it: by itself, or by the value of a key. */
export type Selector<E extends PortEvent> = ((event: E) => boolean) | KeySelector<E>;

/** What a channel carries, by direction; all of it where there is no selector. */
export interface Selectors<P extends PortType> {
  readonly requests?: Selector<RequestOf<P>>;
  readonly indications?: Selector<IndicationOf<P>>;
}
