import type { DeadLetterReason } from './dead-letter';
import type { PortEvent } from './event';

/** Base of the errors of every package. Programs match on `code`; the message is for people. */
export abstract class RuntimeError extends Error {
  abstract readonly code: `ERR_${string}`;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The assembly forgot a channel. Raised at start, before any event is handled. */
export class UnconnectedPortError extends RuntimeError {
  override readonly code = 'ERR_UNCONNECTED_PORT';

  constructor(
    readonly component: string,
    readonly port: string,
  ) {
    super(`${component} requires ${port}, which nothing provides: connect it in the assembly`);
  }
}

/** A second channel between the same two ends, which would double every event. */
export class DuplicateChannelError extends RuntimeError {
  override readonly code = 'ERR_DUPLICATE_CHANNEL';

  constructor(
    readonly provided: string,
    readonly required: string,
  ) {
    super(`${provided} and ${required} are connected already: remove the second connect`);
  }
}

/** An event that the type of the port does not list; only untyped code gets this far. */
export class ForeignEventError extends RuntimeError {
  override readonly code = 'ERR_FOREIGN_EVENT';

  constructor(
    readonly port: string,
    readonly event: string,
  ) {
    super(`${port} does not carry ${event}: trigger it on a port whose type lists it`);
  }
}

/** A port type lists a request, but not its response. Raised where the type is declared. */
export class UnlistedResponseError extends RuntimeError {
  override readonly code = 'ERR_UNLISTED_RESPONSE';

  constructor(
    readonly portType: string,
    readonly request: string,
    readonly response: string,
  ) {
    super(`${portType} lists ${request}, but not ${response}, which answers it: list both`);
  }
}

/** A request that nobody triggered on a port is answered. */
export class UnaskedError extends RuntimeError {
  override readonly code = 'ERR_UNASKED';

  constructor(readonly request: string) {
    super(`nobody asked this ${request}: answer one that arrived at a port`);
  }
}

/** A request that was asked before, by whomever, is asked again with a limit of time. */
export class AskedBeforeError extends RuntimeError {
  override readonly code = 'ERR_ASKED_BEFORE';

  constructor(readonly request: string) {
    super(`this ${request} was asked before: make a new one for each time`);
  }
}

/** The program outside asked, and got no answer in time. */
export class UnansweredError extends RuntimeError {
  override readonly code = 'ERR_UNANSWERED';

  /** @param afterMs - how long it waited, in milliseconds */
  constructor(
    readonly port: string,
    readonly request: string,
    readonly afterMs: number,
  ) {
    const limit = `${String(afterMs)} ms`;
    super(`${port} did not answer ${request} in ${limit}: give it longer, or let it answer always`);
  }
}

/** The program outside asked, and its request became a dead letter on the way to an answer. */
export class DeadLetterError extends RuntimeError {
  override readonly code = 'ERR_DEAD_LETTER';

  /** @param port - where the request was last seen */
  constructor(
    readonly port: string,
    readonly request: string,
    readonly reason: DeadLetterReason,
  ) {
    super(`${request} became a dead letter at ${port}: ${reason}; let whoever it reaches take it`);
  }
}

/** A component or system that was killed is asked to live again. */
export class KilledError extends RuntimeError {
  override readonly code = 'ERR_KILLED';

  constructor(readonly component: string) {
    super(`${component} was killed: create a new one instead of starting it again`);
  }
}

/** An option that is out of its range. */
export class InvalidOptionError extends RuntimeError {
  override readonly code = 'ERR_INVALID_OPTION';

  /**
   * @param option - the names that lead to it, joined by dots: `supervision.budget.faults`
   * @param rule - what it has to be, as the predicate of a sentence
   */
  constructor(
    readonly option: string,
    readonly rule: string,
    readonly value: unknown,
  ) {
    super(`the option ${option} ${rule}, not ${String(value)}: correct it where it is given`);
  }
}

/** A component that cannot be replaced, or not now. */
export class ReplacementError extends RuntimeError {
  override readonly code = 'ERR_REPLACEMENT';

  constructor(
    readonly component: string,
    readonly reason: string,
  ) {
    super(`${component} cannot be replaced: ${reason}`);
  }
}

/** More events wait for a component than its mailbox holds, and that is a fault of it. */
export class MailboxOverflowError extends RuntimeError {
  override readonly code = 'ERR_MAILBOX_OVERFLOW';

  constructor(
    readonly component: string,
    readonly capacity: number,
  ) {
    super(
      `more than ${String(capacity)} events wait for ${component}: ` +
        'let it have fewer, or give its mailbox more room or another policy of overflow',
    );
  }
}

/** A component failed. `cause` is what it threw; it handles no further event. */
export class ComponentFault extends RuntimeError {
  override readonly code = 'ERR_COMPONENT_FAULT';

  /**
   * @param component - the path of the component, `system/parent/child`
   * @param port - the port at which `event` arrived; undefined outside a handler
   * @param event - the event that was being handled; undefined outside a handler
   */
  constructor(
    readonly component: string,
    readonly port: string | undefined,
    readonly event: PortEvent | undefined,
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = event && port ? ` while handling ${nameOf(event)} at its port ${port}` : '';
    super(`${component} failed${where}: ${reason}`, { cause });
  }
}

/** A broken invariant: a mistake of ours, never of the network. Nobody catches it. */
export class InvariantViolation extends RuntimeError {
  override readonly code = 'ERR_INVARIANT';
}

/** Asserts what must hold at this line if the program is correct, in the words of its proof. */
export function invariant(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvariantViolation(message);
}

/** The name of the class of `event`. */
function nameOf(event: PortEvent): string {
  return event.constructor.name;
}
