/** Base of the errors of this package. Programs match on `code`; the message is for people. */
export abstract class LinearizabilityError extends Error {
  abstract readonly code: `ERR_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** What was read is no history. */
export class MalformedHistoryError extends LinearizabilityError {
  override readonly code = 'ERR_MALFORMED_HISTORY';

  /** @param line - and `column` are counted from 1 */
  constructor(
    readonly line: number,
    readonly column: number,
    readonly reason: string,
  ) {
    super(`line ${String(line)}, column ${String(column)}: ${reason}`);
  }
}

/** An operation that cannot be in any history. */
export class InvalidHistoryError extends LinearizabilityError {
  override readonly code = 'ERR_INVALID_HISTORY';

  constructor(
    readonly operation: object,
    readonly reason: string,
  ) {
    super(`${JSON.stringify(operation)} cannot be in a history: ${reason}`);
  }
}

/** A text that names no model. */
export class UnknownModelError extends LinearizabilityError {
  override readonly code = 'ERR_UNKNOWN_MODEL';

  constructor(
    readonly model: string,
    readonly reason: string,
  ) {
    super(`${model} names no model: ${reason}`);
  }
}

/** An operation that the model does not know. */
export class ForeignOperationError extends LinearizabilityError {
  override readonly code = 'ERR_FOREIGN_OPERATION';

  /** @param op - the name of the operation */
  constructor(
    readonly model: string,
    readonly op: string,
  ) {
    super(`the model ${model} knows no ${op}: choose one that does`);
  }
}

/** An algorithm was asked to decide what it cannot. */
export class UnsuitableAlgorithmError extends LinearizabilityError {
  override readonly code = 'ERR_UNSUITABLE_ALGORITHM';

  constructor(
    readonly algorithm: string,
    readonly reason: string,
  ) {
    super(`the algorithm ${algorithm} does not apply: ${reason}; leave the choice open, or search`);
  }
}

/** A call of a recorder that cannot be, since its client is busy or its outcome is recorded already. */
export class RecordingError extends LinearizabilityError {
  override readonly code = 'ERR_RECORDING';
}

/** A broken invariant: a mistake of ours, never of the history. Nobody catches it. */
class InvariantViolation extends LinearizabilityError {
  override readonly code = 'ERR_INVARIANT';
}

/** Asserts what must hold at this line if the program is correct. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvariantViolation(message);
}
