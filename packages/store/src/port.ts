import { event, portType } from '@jbstore/core';

export {
  GetRequest,
  KeyPage,
  NotFoundReply,
  OkReply,
  PutRequest,
  RefusedReply,
  RefusalCode,
  ScanRequest,
  StatusReply,
  StatusRequest,
  ValueReply,
} from './messages';
export { flawOfKey, flawOfValue, keyLimitBytes, longestTimeoutMs, valueLimitBytes } from './limits';

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

/** Takes back interest in `request`: it is not answered. A put may be performed nevertheless. */
export class Cancel extends event('Cancel') {
  constructor(readonly request: Put | Get | Scan) {
    super();
  }
}

/** The value of `put` is stored. */
export class Ok extends event('Ok') {
  constructor(readonly put: Put) {
    super();
  }
}

/** What is stored under the key of `get`. */
export class Value extends event('Value') {
  constructor(
    readonly get: Get,
    readonly value: Uint8Array,
  ) {
    super();
  }
}

/** Nothing is stored under the key of `get`. */
export class NotFound extends event('NotFound') {
  constructor(readonly get: Get) {
    super();
  }
}

/** Some keys; the next page begins at `next`, which is undefined after the last one. */
export class Page extends event('Page') {
  constructor(
    readonly scan: Scan,
    readonly keys: readonly Uint8Array[],
    readonly next: string | undefined,
  ) {
    super();
  }
}

/**
 * - `unavailable`: surely not performed, and none that could has answered in time.
 * - `outcome unknown`: a put that may have been performed, or may be yet.
 * - `key size`, `value size`: refused, because it is not within the limits.
 */
export type Failure = 'unavailable' | 'outcome unknown' | 'key size' | 'value size';

/** `request` was not answered otherwise; `text` says why, and what can be done. */
export class Failed extends event('Failed') {
  constructor(
    readonly request: Put | Get | Scan,
    readonly failure: Failure,
    readonly text: string,
  ) {
    super();
  }
}

/**
 * The key-value store (module JBStore of the report of 2016). An answer carries the request which it
 * answers, the very instance.
 *
 * - **JB1, linearizable** [always]: puts and gets take effect one at a time, each at some moment
 *   between its request and its answer.
 * - **JB2, exactly once** [not yet]: every request is performed exactly once. For now a put is
 *   performed at most once, and one that got no answer is `outcome unknown`.
 * - **Scan** [always]: not a snapshot; every key whose put was answered before the scan began is listed.
 * - **Termination** [always]: every request is answered within its time.
 */
export const JBStore = portType('JBStore', {
  requests: [Put, Get, Scan, Cancel],
  indications: [Ok, Value, NotFound, Page, Failed],
});
