import { RuntimeError } from '@jbstore/core';

/** The command line asks for something that cannot be done; the message says what can. */
export class UsageError extends RuntimeError {
  override readonly code = 'ERR_USAGE';
}

/** The store has no value for the key. */
export class NotFoundError extends RuntimeError {
  override readonly code = 'ERR_NOT_FOUND';

  constructor(readonly key: string) {
    super(`${key} is not in the store`);
  }
}

/** A compare and set found something else than it expected. */
export class MismatchError extends RuntimeError {
  override readonly code = 'ERR_MISMATCH';

  /** @param version - of what is stored; undefined if nothing is */
  constructor(
    readonly key: string,
    readonly version: number | undefined,
  ) {
    const found = version === undefined ? 'nothing' : `something else, of version ${version}`;
    super(`under ${key} there is ${found}: it was not changed`);
  }
}

/** A line that is not as it should be, of an import or a history. */
export class MalformedInputError extends RuntimeError {
  override readonly code = 'ERR_MALFORMED_INPUT';

  /** @param line - counted from 1, as is `column`, where it is known */
  constructor(
    readonly source: string,
    readonly line: number,
    readonly reason: string,
    readonly column?: number,
  ) {
    const at = column === undefined ? '' : `, column ${column}`;
    super(`${source}, line ${line}${at}: ${reason}`);
  }
}

/** A history that `check` found to be wrong. */
export class NotLinearizableError extends RuntimeError {
  override readonly code = 'ERR_NOT_LINEARIZABLE';
}

/** A history that `check` could not decide within its limits. */
export class UndecidedError extends RuntimeError {
  override readonly code = 'ERR_UNDECIDED';
}

/** Nobody answers where a node should show its figures. */
export class SilentNodeError extends RuntimeError {
  override readonly code = 'ERR_CANNOT_CONNECT';

  constructor(
    readonly endpoint: string,
    readonly reason: string,
    options: ErrorOptions,
  ) {
    super(
      `no node answers at ${endpoint} (${reason}): is it running, and is that its --metrics-port?`,
      options,
    );
  }
}

/** Nodes of a cluster that this command started are gone, and it cannot do without them. */
export class NodesLostError extends RuntimeError {
  override readonly code = 'ERR_NODES_LOST';
}

/** What a simulation checks does not hold, or the simulation did not reach what it should. */
export class SimulationFailedError extends RuntimeError {
  override readonly code = 'ERR_SIMULATION_FAILED';
}

/** Nothing failed in a simulation, but not all was decided. */
export class UndecidedSimulationError extends RuntimeError {
  override readonly code = 'ERR_SIMULATION_UNDECIDED';
}
