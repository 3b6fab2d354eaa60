import type { EventClass, PortEvent } from './event';

/**
 * The interface of an abstraction: requests go to its provider, indications come from it.
 * The name is part of the type, so two abstractions with the same events do not connect.
 */
export interface PortType<
  Name extends string = string,
  Request extends PortEvent = PortEvent,
  Indication extends PortEvent = PortEvent,
> {
  readonly name: Name;
  readonly requests: readonly EventClass<Request>[];
  readonly indications: readonly EventClass<Indication>[];
}

export type RequestOf<P extends PortType> =
  P extends PortType<string, infer Request extends PortEvent> ? Request : never;

export type IndicationOf<P extends PortType> =
  P extends PortType<string, PortEvent, infer Indication extends PortEvent> ? Indication : never;

type ClassesOf<Events extends readonly PortEvent[]> = {
  readonly [Index in keyof Events]: EventClass<Events[Index]>;
};

/**
 * Declares a port type.
 *
 * @example
 * ```ts
 * import { event, portType } from '@jbstore/core';
 *
 * class Say extends event('Say') {}
 * class Heard extends event('Heard') {}
 * const Echo = portType('Echo', { requests: [Say], indications: [Heard] });
 * ```
 */
export function portType<
  const Name extends string,
  Requests extends readonly PortEvent[],
  Indications extends readonly PortEvent[],
>(
  name: Name,
  events: {
    readonly requests: readonly [...ClassesOf<Requests>];
    readonly indications: readonly [...ClassesOf<Indications>];
  },
): PortType<Name, Requests[number], Indications[number]> {
  return { name, ...events };
}
