import { event, portType } from '@jbstore/core';
import type { Expected } from '@jbstore/slot-register/port';

export { Expected, Operation, Outcome, RequestId, SessionId } from '@jbstore/slot-register/port';
export { GlanceMessage, GlancedMessage } from '@jbstore/slot-register/port';
export { registerName } from './register-name';
export {
  GetRequest,
  KeyPage,
  MutateRequest,
  MutatedReply,
  NotFoundReply,
  OkReply,
  OpenReply,
  OpenRequest,
  PutRequest,
  RefusedReply,
  RefusalCode,
  ScanRequest,
  StatusReply,
  StatusRequest,
  ValueReply,
} from './messages';
export {
  flawOfKey,
  flawOfValue,
  generationMs,
  keyLimitBytes,
  longestTimeoutMs,
  valueLimitBytes,
} from './limits';

/** What a request may say about itself. */
export interface RequestOptions {
  /** How long its asker waits, in milliseconds. By then it is answered, if only by {@link Failed}. */
  readonly timeoutMs?: number | undefined;
}

/** Requests that `value` be stored under `key`. */
export class Put extends event('Put') {
  constructor(
    readonly key: Uint8Array,
    readonly value: Uint8Array,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/** Requests that nothing be stored under `key` any more. */
export class Delete extends event('Delete') {
  constructor(
    readonly key: Uint8Array,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/** Requests that `value` be stored under `key` if there is what is expected (compare and set). */
export class Cas extends event('Cas') {
  constructor(
    readonly key: Uint8Array,
    readonly expected: Expected,
    readonly value: Uint8Array,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/**
 * Requests that `by`, a safe integer, be added to what is stored under `key`: a whole number in decimal
 * digits, and 0 if nothing is.
 */
export class Increment extends event('Increment') {
  constructor(
    readonly key: Uint8Array,
    readonly by = 1,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/** What changes something. */
export type Mutation = Put | Delete | Cas | Increment;

/** Requests the value stored under `key`. */
export class Get extends event('Get') {
  constructor(
    readonly key: Uint8Array,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/** Requests the keys from `cursor` on, in the order of their positions; '' is the beginning. */
export class Scan extends event('Scan') {
  constructor(
    readonly cursor: string,
    readonly limit: number,
    readonly options: RequestOptions = {},
  ) {
    super();
  }
}

/** Takes back interest in `request`: it is not answered. A mutation may be performed nevertheless. */
export class Cancel extends event('Cancel') {
  constructor(readonly request: Mutation | Get | Scan) {
    super();
  }
}

/** What `request` asked for is done. */
export class Ok extends event('Ok') {
  constructor(
    readonly request: Put | Delete | Cas,
    /**
     * The version that it made: greater than each that the key had before. Undefined if a delete found nothing,
     * and from registers that keep no versions.
     */
    readonly version: number | undefined,
    readonly era: number,
  ) {
    super();
  }
}

/** The sum that `increment` made. */
export class Incremented extends event('Incremented') {
  constructor(
    readonly increment: Increment,
    readonly value: number,
    readonly version: number,
    readonly era: number,
  ) {
    super();
  }
}

/** Something else was there than `cas` expected, and is there still. */
export class Mismatch extends event('Mismatch') {
  constructor(
    readonly cas: Cas,
    /** That of the value that was there; undefined if there was none. */
    readonly version: number | undefined,
    readonly era: number,
  ) {
    super();
  }
}

/** What is stored under the key of `get`. */
export class Value extends event('Value') {
  constructor(
    readonly get: Get,
    readonly value: Uint8Array,
    /** Undefined from registers that keep no versions. */
    readonly version: number | undefined,
    readonly era: number,
  ) {
    super();
  }
}

/** Nothing is stored under the key of `get`. */
export class NotFound extends event('NotFound') {
  constructor(
    readonly get: Get,
    readonly era: number,
  ) {
    super();
  }
}

/** Some keys; the next page begins at `next`, which is undefined after the last one. */
export class Page extends event('Page') {
  constructor(
    readonly scan: Scan,
    readonly keys: readonly Uint8Array[],
    readonly next: string | undefined,
    readonly era: number,
  ) {
    super();
  }
}

/**
 * - `unavailable`: surely not performed, and none that could has answered in time.
 * - `outcome unknown`: a mutation that may have been performed, or may be yet.
 * - `key size`, `value size`: refused, because it is not within the limits.
 * - `not a number`: an increment found no whole number, or the sum is no safe integer. It changed nothing.
 * - `unsupported`: the registers of this cluster cannot do it.
 */
export type Failure =
  'unavailable' | 'outcome unknown' | 'key size' | 'value size' | 'not a number' | 'unsupported';

/** `request` was not answered otherwise; `text` says why, and what can be done. */
export class Failed extends event('Failed') {
  constructor(
    readonly request: Mutation | Get | Scan,
    readonly failure: Failure,
    readonly text: string,
  ) {
    super();
  }
}

/**
 * The key-value store (module JBStore of the report of 2016). An answer carries the request which it
 * answers, the very instance; and the _era_ from which it comes. That is 0 until an operator gives up what was lost for good,
 * and rises each time: of what was answered in an era, a part may be missing in those after it.
 *
 * - **JB1, linearizable** [always, within an era]: mutations and gets take effect one at a time, each at some moment
 *   between its request and its answer.
 * - **JB2, exactly once** [with exactly-once registers, within an era]: a request that is answered was performed exactly once,
 *   however often it was sent on its way; one that is not, at most once. With other registers too a put
 *   is performed at most once, but it is not repeated, so more of them are `outcome unknown`.
 * - **Scan** [always]: not a snapshot; every key whose put was answered before the scan began, and that was
 *   not deleted, is listed.
 * - **Termination** [always]: every request is answered within its time.
 */
export const JBStore = portType('JBStore', {
  requests: [Put, Delete, Cas, Increment, Get, Scan, Cancel],
  indications: [Ok, Incremented, Mismatch, Value, NotFound, Page, Failed],
});
