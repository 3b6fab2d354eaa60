import { Era } from '@jbstore/gms/port';
import { byteString, bytes, message } from '@jbstore/network/port';
import { Generation, Operation, Outcome, RequestId } from '@jbstore/slot-register/port';
import { z } from 'zod';

import { longestTimeoutMs } from './limits';

// What a front end and the nodes say to one another, and the nodes among themselves. The limits on
// the wire are wider than those of the store, so that what is too large is refused with a reason.

const id = z.int().nonnegative();
const timeoutMs = z.int().min(1).max(longestTimeoutMs);
const key = bytes({ maxBytes: 65_536 });
const value = bytes({ maxBytes: 4 * 1024 * 1024 });
const limit = z.int().min(1).max(10_000);

/**
 * Of the view that the registers of the answering node had: no less than that in which the epoch began that it answers from. So who
 * reads what survived a loss is told so with it. A byte, as long as there are few.
 */
const era = Era;

/** The name of a register: the position of its key, 16 bytes, then the key. */
const name = byteString({ maxBytes: 1_040 });

/**
 * For registers that perform a request exactly once: any node may be asked, any number of times. `request` tells
 * the request from all others, `id` only its answers from those to other requests of one front end.
 */
export class MutateRequest extends message('store/Mutate', {
  id,
  request: RequestId,
  key,
  operation: Operation,
  timeoutMs,
}) {}

/** A node asks another, which keeps the key, in the place of a front end. It is not handed on again. */
export class ForwardedMutate extends message('store/ForwardedMutate', {
  id,
  request: RequestId,
  key,
  operation: Operation,
  timeoutMs,
}) {}

export class ForwardedGet extends message('store/ForwardedGet', { id, key, timeoutMs }) {}

/** How the request went. */
export class MutatedReply extends message('store/Mutated', { id, outcome: Outcome, era }) {}

/** Asks for sessions of whatever generation it is there. */
export class OpenRequest extends message('store/Open', {}) {}

/** They last so long, by the clocks of the nodes. */
export class OpenReply extends message('store/Opened', {
  generation: Generation,
  lifetimeMs: z.number().positive(),
}) {}

/** Any member of the key's group may be asked; with a single writer, puts go to the lead. */
export class PutRequest extends message('store/Put', { id, key, value, timeoutMs }) {}

export class GetRequest extends message('store/Get', { id, key, timeoutMs }) {}

/** Names greater than `after` that belong to the range of `after`. */
export class ScanRequest extends message('store/Scan', { id, after: name, limit, timeoutMs }) {}

export class OkReply extends message('store/Ok', { id, era }) {}

export class ValueReply extends message('store/Value', {
  id,
  value,
  version: z.int().positive().optional(),
  era,
}) {}

export class NotFoundReply extends message('store/NotFound', { id, era }) {}

/** `next` is where the next page begins; null after the last key of all. */
export class KeyPage extends message('store/Page', {
  id,
  keys: z.array(key),
  next: name.nullable(),
  /** The highest of those who listed. */
  era,
}) {}

/** Why a node does not do what it was asked for. Only `outcome unknown` may have been performed. */
export const RefusalCode = z.enum([
  'no view',
  'wrong node',
  'unavailable',
  'outcome unknown',
  'key size',
  'value size',
  'session expired',
]);
export type RefusalCode = z.infer<typeof RefusalCode>;

export class RefusedReply extends message('store/Refused', {
  id,
  code: RefusalCode,
  text: z.string(),
  /** If the session has expired: sessions of this generation, and later ones, have not. */
  generationFloor: Generation.optional(),
}) {}

/** Asks a node what it holds. */
export class StatusRequest extends message('store/StatusRequest', { id }) {}

/** The registers held, and the bytes of their keys and values. */
export class StatusReply extends message('store/StatusReply', {
  id,
  registers: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
}) {}

/** One member of a group asks another for the names it holds between `after` and `until`. */
export class ListRequest extends message('store/ListRequest', {
  list: id,
  after: name,
  until: name.nullable(),
  limit,
}) {}

/** Names in order. If there are `more`, none between the last of these and `until` is said. */
export class ListReply extends message('store/ListReply', {
  list: id,
  names: z.array(name),
  more: z.boolean(),
  era,
}) {}
