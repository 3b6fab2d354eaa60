/** What the exit code of every command means; `--help` and the README list the same. */
export const ExitCode = {
  done: 0,
  /** The key has no value. */
  notFound: 1,
  /** `cas`: something else was there than expected. */
  mismatch: 1,
  /** `check`: the history is wrong. */
  notLinearizable: 1,
  /** `simulate`: something that must hold did not, or was not tried. */
  simulationFailed: 1,
  /** The command line, or what was read, is not as it should be: nothing to try again. */
  usage: 2,
  /** The request was surely not executed. It may succeed later. */
  unavailable: 3,
  /** `check`: the history may be wrong or not. */
  undecided: 3,
  /** `simulate`: nothing failed, but seeds are left, or the checker gave up. */
  simulationUndecided: 3,
  /** A write got no answer: it may have been executed, and may still be. */
  outcomeUnknown: 4,
  /** A mistake of ours. */
  internal: 70,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The codes of errors that are not ours to explain: each says what happened and what to do. */
const exitCodes: Readonly<Record<string, ExitCode>> = {
  ERR_NOT_FOUND: ExitCode.notFound,
  ERR_MISMATCH: ExitCode.mismatch,
  ERR_NOT_LINEARIZABLE: ExitCode.notLinearizable,
  ERR_UNDECIDED: ExitCode.undecided,
  ERR_SIMULATION_FAILED: ExitCode.simulationFailed,
  ERR_SIMULATION_UNDECIDED: ExitCode.simulationUndecided,
  ERR_USAGE: ExitCode.usage,
  ERR_MALFORMED_INPUT: ExitCode.usage,
  ERR_CONFIGURATION: ExitCode.usage,
  ERR_PORT_IN_USE: ExitCode.usage,
  ERR_CANNOT_LISTEN: ExitCode.usage,
  ERR_INVALID_ADDRESS: ExitCode.usage,
  ERR_REPLICATION_TOO_HIGH: ExitCode.usage,
  ERR_SELF_JOIN: ExitCode.usage,
  ERR_LONELY_JOIN: ExitCode.usage,
  ERR_UNKNOWN_MODEL: ExitCode.usage,
  ERR_FOREIGN_OPERATION: ExitCode.usage,
  ERR_UNSUITABLE_ALGORITHM: ExitCode.usage,
  ERR_UNKNOWN_SCENARIO: ExitCode.usage,
  ERR_MALFORMED_PLAN: ExitCode.usage,
  ERR_KEY_SIZE: ExitCode.usage,
  ERR_VALUE_SIZE: ExitCode.usage,
  ERR_NOT_A_NUMBER: ExitCode.usage,
  ERR_UNSUPPORTED_OPERATION: ExitCode.usage,
  ERR_CHANGE_REFUSED: ExitCode.usage,
  ERR_UNAVAILABLE: ExitCode.unavailable,
  ERR_CANNOT_CONNECT: ExitCode.unavailable,
  ERR_JOIN_REFUSED: ExitCode.unavailable,
  ERR_EVICTED: ExitCode.unavailable,
  ERR_BOOT_TIMED_OUT: ExitCode.unavailable,
  ERR_NODES_LOST: ExitCode.unavailable,
  ERR_OUTCOME_UNKNOWN: ExitCode.outcomeUnknown,
};

/** What to exit with after `error`. Whatever is not known to be the user's is ours. */
export function exitCodeOf(error: unknown): ExitCode {
  if (isFileError(error)) return ExitCode.usage;
  return exitCodes[codeOf(error) ?? ''] ?? ExitCode.internal;
}

/** The operating system refused what was asked of a file. */
function isFileError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;
}

/** The `code` that programs match on, of an error that has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
