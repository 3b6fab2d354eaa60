import { isKindOf, type EventClass, type PortEvent } from './event';

export type Handler = (event: PortEvent) => void;

/** A handler at a port. Most ports have one or two: a chain of them is lighter than an array. */
export interface SubscribedHandler {
  readonly type: EventClass;
  readonly handler: Handler;
  /** The one that was subscribed before. */
  former: SubscribedHandler | undefined;
}

/** The handlers that take events of the class `type`, in the order of subscription. */
export function handlersOf(
  latest: SubscribedHandler | undefined,
  type: EventClass,
): readonly Handler[] {
  const handlers: Handler[] = [];
  for (let one = latest; one; one = one.former) {
    if (isKindOf(type, one.type)) handlers.push(one.handler);
  }
  return handlers.reverse();
}

/** Takes `gone` out of the chain that ends with `latest`, and returns what it ends with then. */
export function without(
  latest: SubscribedHandler | undefined,
  gone: SubscribedHandler,
): SubscribedHandler | undefined {
  if (latest === gone) return gone.former;
  for (let one = latest; one; one = one.former) {
    if (one.former === gone) one.former = gone.former;
  }
  return latest;
}
