import { RecordingError } from './errors';
import type { Action, Interval, MicroOperation, Operation, Value } from './operation';

/** What is asked for: an action without what only the answer tells. */
export type Request =
  | Exclude<Action, { readonly op: 'read' | 'get' | 'increment' }>
  | { readonly op: 'read' | 'get'; readonly key?: string }
  | { readonly op: 'increment'; readonly key?: string; readonly by?: number };

/** What an answer tells: what was read or counted, or the transaction with what it read. */
export type Result = Value | readonly MicroOperation[];

/** An operation that is under way. Its outcome is told once, else {@link RecordingError}. */
export interface Call {
  /** It took effect. */
  ok(result?: Result): void;
  /** It surely changed nothing; of a compare-and-set: something else was there. */
  fail(): void;
  /** Nobody knows whether it took effect, or will. */
  unknown(): void;
}

export interface RecorderOptions {
  /** Tells the time, in whatever unit the history shall have. It never goes back. */
  readonly now: () => number;
  /** Is given each operation as soon as its outcome is told: to push it, or to write `jsonLineOf(operation)`. */
  readonly record: (operation: Operation) => void;
}

/**
 * Makes a history of what clients call and what they are answered. Say what you call before you send it, and
 * the outcome after it arrived: then each operation took effect between the two.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #open = new Set<OpenCall>();
  readonly #idle: RecordedClient[] = [];
  #clients = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** A client of its own, for who calls one thing at a time. */
  client(): RecordedClient {
    return new RecordedClient(
      () => this.#clients++,
      (client, request, over) => this.#begin(client, request, over),
    );
  }

  /** Calls as some client that is idle, for who calls many things at a time. */
  call(request: Request): Call {
    const client = this.#idle.pop() ?? this.client();
    return client.call(request, () => this.#idle.push(client));
  }

  /** Records what is still under way as unknown. What is told of it later is too late, and is not heard. */
  end(): void {
    for (const call of [...this.#open]) call.end();
  }

  #begin(client: number, request: Request, over: (status: Interval['status']) => void): Call {
    const { now, record } = this.#options;
    const start = now();
    const call = new OpenCall((status, result) => {
      this.#open.delete(call);
      const end = status === 'unknown' ? null : now();
      over(status);
      record({ client, ...actionOf(request, result), call: start, return: end, status });
    });
    this.#open.add(call);
    return call;
  }
}

type Begin = (client: number, request: Request, over: (status: Interval['status']) => void) => Call;

/** Calls one thing at a time. After an unknown outcome it goes on under a number that nobody had. */
export class RecordedClient {
  readonly #freshNumber: () => number;
  readonly #begin: Begin;
  #number: number;
  #busy = false;

  constructor(freshNumber: () => number, begin: Begin) {
    this.#freshNumber = freshNumber;
    this.#begin = begin;
    this.#number = freshNumber();
  }

  /** The number in the history; another one after an unknown outcome. */
  get number(): number {
    return this.#number;
  }

  /**
   * @param over - is called when the outcome was told
   * @throws {@link RecordingError} if the call before this one is not over
   */
  call(request: Request, over?: () => void): Call {
    if (this.#busy) {
      throw new RecordingError(
        `client ${String(this.#number)} is busy: wait for its outcome, or take another client`,
      );
    }
    this.#busy = true;
    return this.#begin(this.#number, request, (status) => {
      this.#busy = false;
      if (status === 'unknown') this.#number = this.#freshNumber();
      over?.();
    });
  }
}

class OpenCall implements Call {
  readonly #over: (status: Interval['status'], result?: Result) => void;
  #told = false;
  #ended = false;

  constructor(over: (status: Interval['status'], result?: Result) => void) {
    this.#over = over;
  }

  ok(result?: Result): void {
    this.#tell('ok', result);
  }

  fail(): void {
    this.#tell('fail');
  }

  unknown(): void {
    this.#tell('unknown');
  }

  /** Nobody listens any more. */
  end(): void {
    this.unknown();
    this.#ended = true;
  }

  #tell(status: Interval['status'], result?: Result): void {
    if (this.#ended) return;
    if (this.#told) throw new RecordingError('the outcome of this call was told before');
    this.#told = true;
    this.#over(status, result);
  }
}

function actionOf(request: Request, result: Result = null): Action {
  switch (request.op) {
    case 'read':
    case 'get':
    case 'increment':
      return { ...request, value: isValue(result) ? result : null };
    case 'txn':
      return isValue(result) ? request : { ...request, txn: result };
    default:
      return request;
  }
}

function isValue(result: Result): result is Value {
  return result === null || typeof result !== 'object';
}
