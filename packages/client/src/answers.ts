import { invariant } from '@jbstore/core';
import {
  Cas,
  Failed,
  Get,
  Increment,
  Incremented,
  KeyPage,
  Mismatch,
  MutatedReply,
  NotFound,
  NotFoundReply,
  Ok,
  OkReply,
  Page,
  Put,
  Scan,
  Value,
  ValueReply,
  type GlancedMessage,
  type Mutation,
} from '@jbstore/store/port';

import type { Call } from './call';

/** What members say of requests that they have performed. */
export const replies = [OkReply, MutatedReply, ValueReply, NotFoundReply, KeyPage] as const;
export type Reply = InstanceType<(typeof replies)[number]>;

export type Answer = Ok | Incremented | Mismatch | Value | NotFound | Page | Failed;

/** What `reply` says of `call`; undefined if it is not of such a request. */
export function answerOf({ request, ticket }: Call, reply: Reply): Answer | undefined {
  if (request instanceof Get) {
    if (reply instanceof ValueReply) {
      return new Value(request, reply.value, reply.version, reply.era);
    }
    return reply instanceof NotFoundReply ? new NotFound(request, reply.era) : undefined;
  }
  if (request instanceof Scan) {
    if (!(reply instanceof KeyPage)) return undefined;
    return new Page(request, reply.keys, reply.next ?? undefined, reply.era);
  }
  if (ticket) {
    return reply instanceof MutatedReply ? answerTo(request, reply) : undefined;
  }
  if (!(reply instanceof OkReply && request instanceof Put)) return undefined;
  return new Ok(request, undefined, reply.era);
}

/** What was read at a glance. */
export function answerOfGlance({ request }: Call, { value, version, era }: GlancedMessage): Answer {
  invariant(request instanceof Get, 'only a get is a glance');
  return value ? new Value(request, value, version, era) : new NotFound(request, era);
}

function answerTo(
  mutation: Mutation,
  { outcome, era }: MutatedReply,
): Ok | Incremented | Mismatch | Failed {
  const { succeeded, version, value } = outcome;
  if (mutation instanceof Increment) {
    if (value !== undefined && version !== undefined) {
      return new Incremented(mutation, value, version, era);
    }
    const text =
      'what is stored there is no whole number, or the sum is too large; it is unchanged';
    return new Failed(mutation, 'not a number', text);
  }
  if (mutation instanceof Cas && !succeeded) return new Mismatch(mutation, version, era);
  return new Ok(mutation, version, era);
}
