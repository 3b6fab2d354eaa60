import { UnlistedResponseError } from './errors';
import { isKindOf, type EventClass, type PortEvent } from './event';
import { responseOf, type PortRequest } from './request';

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

/** The responses to those of `Events` that are requests. */
type ResponsesTo<Events extends PortEvent> =
  Events extends PortRequest<infer Response extends PortEvent> ? Response : never;

/** Compiles only if the responses to `Asked` are among `Listed`. */
type Answerable<Asked extends PortEvent, Listed extends PortEvent> = [ResponsesTo<Asked>] extends [
  Listed,
]
  ? unknown
  : { readonly unlistedResponse: ResponsesTo<Asked> };

/**
 * Declares a port type. The response to a {@link request} goes the other way, so it is listed there.
 *
 * @throws {@link UnlistedResponseError} if it is not, which only untyped code does
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
    readonly requests: readonly [...ClassesOf<Requests>] &
      Answerable<Requests[number], Indications[number]>;
    readonly indications: readonly [...ClassesOf<Indications>] &
      Answerable<Indications[number], Requests[number]>;
  },
): PortType<Name, Requests[number], Indications[number]> {
  refuseUnlisted(name, events.requests, events.indications);
  refuseUnlisted(name, events.indications, events.requests);
  return { name, ...events };
}

function refuseUnlisted(
  portType: string,
  asked: readonly EventClass[],
  listed: readonly EventClass[],
): void {
  for (const type of asked) {
    const response = responseOf(type);
    if (!response || listed.some((base) => isKindOf(response, base))) continue;
    throw new UnlistedResponseError(portType, type.name, response.name);
  }
}
