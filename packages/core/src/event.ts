/**
 * Base of everything that travels through a port.
 *
 * An event is an immutable instance of a class, and its class is its identity: a handler for a class
 * also gets the instances of its subclasses. It is not called `Event`, which would shadow the global.
 */
export abstract class PortEvent {
  /** Makes events nominal: an object literal with the same fields is no event. */
  declare protected readonly nominal: true;

  /** The name that was declared; it stands on the prototype, so an event does not carry it. */
  declare readonly type: string;
}

/** A class of events: what a port type lists and a handler names. */
export type EventClass<E extends PortEvent = PortEvent> = abstract new (...fields: never[]) => E;

/** What {@link event} returns: a base class whose instances are told apart by `type`. */
export type EventBase<Type extends string> = abstract new () => PortEvent & { readonly type: Type };

/**
 * Declares an event. `type` keeps two events of equal shape apart for the compiler and names them for
 * people; the fields are those of the class, so that making an event costs what its constructor costs.
 *
 * @example
 * ```ts
 * import { event } from '@jbstore/core';
 *
 * class Suspect extends event('Suspect') {
 *   constructor(readonly process: string) {
 *     super();
 *   }
 * }
 * class Start extends event('Start') {}
 * ```
 */
export function event<const Type extends string>(type: Type): EventBase<Type> {
  abstract class Declared extends PortEvent {}
  Object.defineProperty(Declared.prototype, 'type', { value: type });
  return Declared as EventBase<Type>;
}

/** True if instances of `candidate` are also instances of `base`. */
export function isKindOf(candidate: EventClass, base: EventClass): boolean {
  return candidate === base || candidate.prototype instanceof base;
}

/** The class of `event`; whatever is an event was made by one. */
export function classOf(event: PortEvent): EventClass {
  return event.constructor as EventClass;
}
