import { isKindOf, type EventClass, type PortEvent } from './event';

export type Handler = (event: PortEvent) => void;

/** A handler at a port. */
export class SubscribedHandler {
  constructor(
    readonly type: EventClass,
    readonly handler: Handler,
  ) {}
}

/** The handlers at a port, in the order of subscription. Most ports have one, which is it itself then. */
export type Handlers = SubscribedHandler | readonly SubscribedHandler[];

export const noHandlers: Handlers = [];

/** Those of `handlers` that take events of the class `type`. */
export function handlersOf(handlers: Handlers, type: EventClass): readonly Handler[] {
  const taking: Handler[] = [];
  for (const one of listOf(handlers)) if (isKindOf(type, one.type)) taking.push(one.handler);
  return taking;
}

export function withHandler(handlers: Handlers, added: SubscribedHandler): Handlers {
  const before = listOf(handlers);
  return before.length === 0 ? added : [...before, added];
}

export function withoutHandler(handlers: Handlers, gone: SubscribedHandler): Handlers {
  return listOf(handlers).filter((one) => one !== gone);
}

function listOf(handlers: Handlers): readonly SubscribedHandler[] {
  return handlers instanceof SubscribedHandler ? [handlers] : handlers;
}
