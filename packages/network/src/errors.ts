import { RuntimeError } from '@jbstore/core';

/** Bytes, or values, which are no message of ours. `issues` says which field is wrong, and why. */
export class MalformedMessageError extends RuntimeError {
  override readonly code = 'ERR_MALFORMED_MESSAGE';

  constructor(
    readonly type: string,
    readonly issues: readonly string[],
  ) {
    super(`malformed ${type}: ${issues.join('; ')}`);
  }
}

/** Two declarations of messages that the wire could not tell apart. */
export class DuplicateMessageError extends RuntimeError {
  override readonly code = 'ERR_DUPLICATE_MESSAGE';

  constructor(
    readonly type: string,
    readonly other: string,
  ) {
    super(
      type === other
        ? `a message named ${type} is declared already: give one of the two another name`
        : `the messages ${type} and ${other} get the same wire id: rename one of them`,
    );
  }
}

/** A field of a message whose schema names values that cannot cross the wire. */
export class UnsupportedFieldError extends RuntimeError {
  override readonly code = 'ERR_UNSUPPORTED_FIELD';

  constructor(
    readonly field: string,
    readonly kind: string,
  ) {
    super(`${field} is of the kind ${kind}, which cannot cross the wire: use another schema`);
  }
}

/** Another program listens there. */
export class PortInUseError extends RuntimeError {
  override readonly code = 'ERR_PORT_IN_USE';

  constructor(
    readonly host: string,
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(
      `port ${port} of ${host} is in use: stop the program that listens there, or choose another ` +
        'port (0 takes any that is free)',
      options,
    );
  }
}

/** The operating system does not let us listen, for another reason than a port in use. */
export class CannotListenError extends RuntimeError {
  override readonly code = 'ERR_CANNOT_LISTEN';

  constructor(
    readonly host: string,
    readonly port: number,
    options: { readonly cause: Error },
  ) {
    super(
      `cannot listen on port ${port} of ${host} (${options.cause.message}): ` +
        'is it a host of this machine, and may this user open that port?',
      options,
    );
  }
}
