import type { DeadLetterReason } from './dead-letter';
import { UnaskedError } from './errors';
import { PortEvent, event, isKindOf, type EventClass } from './event';

/** Who gets the answer to a request. */
export interface Asker {
  answer(response: PortEvent): void;
  /** The request became a dead letter at `port`. */
  lost(port: string, reason: DeadLetterReason): void;
}

/** What ports and systems may do with a request, and its users may not. */
interface Asking {
  /** Notes that `asker` gets the answer to `request`; false if somebody had asked before. */
  note(request: PortRequest, asker: Asker): boolean;
  /** The asker of `request`, who waits no longer; undefined if it waited no longer before. */
  settle(request: PortRequest): Asker | undefined;
  /** `event` became a dead letter at `port`: if it is a request, its asker may want to know. */
  lost(event: PortEvent, port: () => string, reason: DeadLetterReason): void;
}
export let asking: Asking;

/** Base of the events that are answered, by {@link Port.answer}, to nobody but who asked. */
export abstract class PortRequest<out R extends PortEvent = PortEvent> extends PortEvent {
  /** The class of its response; like its name it stands on the prototype. */
  declare readonly answeredBy: EventClass<R>;

  /** It travels with the request, through whatever hands this on. */
  #asker: Asker | 'settled' | undefined;

  static {
    asking = {
      note: (request, asker) => {
        if (request.#asker) return false;
        request.#asker = asker;
        return true;
      },
      settle: (request) => {
        const asker = request.#asker;
        if (!asker) throw new UnaskedError(request.constructor.name);
        request.#asker = 'settled';
        return asker === 'settled' ? undefined : asker;
      },
      lost: (lost, port, reason) => {
        if (!(lost instanceof PortRequest) || typeof lost.#asker !== 'object') return;
        lost.#asker.lost(port(), reason);
      },
    };
  }
}

/** What {@link request} returns: a base class whose instances are answered by an `R`. */
export type RequestBase<
  Type extends string,
  R extends PortEvent,
> = abstract new () => PortRequest<R> & {
  readonly type: Type;
};

/**
 * Declares an event that asks for a response, which is an event as any other. Whoever first triggers
 * an instance on a port is its asker: the answer goes to that port alone, however many components
 * handed the request on, and there is at most one. So an instance is made for each asking.
 *
 * @param answeredBy - the class of the response; subclasses of it answer too
 *
 * @example
 * ```ts
 * import { event, portType, request } from '@jbstore/core';
 *
 * class Value extends event('Value') {
 *   constructor(readonly value: number) {
 *     super();
 *   }
 * }
 * class Get extends request('Get', Value) {
 *   constructor(readonly key: string) {
 *     super();
 *   }
 * }
 * const Cache = portType('Cache', { requests: [Get], indications: [Value] });
 * ```
 */
export function request<const Type extends string, R extends PortEvent>(
  type: Type,
  answeredBy: EventClass<R>,
): RequestBase<Type, R> {
  abstract class Declared extends PortRequest<R> {}
  Object.defineProperty(Declared.prototype, 'type', { value: type });
  Object.defineProperty(Declared.prototype, 'answeredBy', { value: answeredBy });
  return Declared as RequestBase<Type, R>;
}

/** The class of the responses to requests of the class `type`; undefined if those are no requests. */
export function responseOf(type: EventClass): EventClass | undefined {
  return isKindOf(type, PortRequest) ? (type.prototype as PortRequest).answeredBy : undefined;
}

/** No answer came in time: what {@link Port.ask} puts in its place, at the port that asked. */
export class Unanswered extends event('Unanswered') {
  /** @param afterMs - how long the answer was waited for, in milliseconds */
  constructor(
    readonly request: PortRequest,
    readonly afterMs: number,
  ) {
    super();
  }
}
