import { RuntimeError } from '@jbstore/core';

/** Base of what a call of a store rejects with. */
export abstract class StoreError extends RuntimeError {}

/** Surely not performed: no node that could has answered in time. Safe to try again. */
export class UnavailableError extends StoreError {
  override readonly code = 'ERR_UNAVAILABLE';
}

/**
 * What changes something and got no answer: it may have taken effect, may yet, or never. Read before you write
 * again, if another writer may have come between.
 */
export class OutcomeUnknownError extends StoreError {
  override readonly code = 'ERR_OUTCOME_UNKNOWN';
}

/** A key must have 1 to 1024 bytes. */
export class KeySizeError extends StoreError {
  override readonly code = 'ERR_KEY_SIZE';
}

/** A value may have at most 1 MiB. */
export class ValueSizeError extends StoreError {
  override readonly code = 'ERR_VALUE_SIZE';
}

/** What is stored is no whole number in decimal digits, or the sum is no safe integer. Nothing was changed. */
export class NotANumberError extends StoreError {
  override readonly code = 'ERR_NOT_A_NUMBER';
}

/** The registers of this cluster cannot do it: only those that perform each request exactly once can. */
export class UnsupportedOperationError extends StoreError {
  override readonly code = 'ERR_UNSUPPORTED_OPERATION';
}

/** The cluster cannot make the change that was asked for. The message says what to do instead. */
export class ChangeRefusedError extends StoreError {
  override readonly code = 'ERR_CHANGE_REFUSED';
}

/** An argument that no store can take: not a text nor bytes, or a time that is none. */
export class InvalidArgumentError extends StoreError {
  override readonly code = 'ERR_INVALID_ARGUMENT';
}

/** None of the given addresses led to a cluster. */
export class CannotConnectError extends StoreError {
  override readonly code = 'ERR_CANNOT_CONNECT';

  constructor(
    readonly addresses: readonly string[],
    readonly reason: string,
  ) {
    super(`cannot reach a cluster at ${addresses.join(', ')}: ${reason}`);
  }
}

/** The store was closed by this program. */
export class ClosedError extends StoreError {
  override readonly code = 'ERR_CLOSED';

  constructor() {
    super('the store was closed: connect again');
  }
}
