import { TurnoverMap, forgetAbort, uponAbort, type RequiredPort } from '@jbstore/core';
import {
  Cancel,
  Failed,
  Incremented,
  Mismatch,
  NotFound,
  Ok,
  Page,
  Value,
  type Failure,
  type Get,
  type JBStore,
  type Mutation,
  type Scan,
} from '@jbstore/store/port';

import {
  ChangeRefusedError,
  InvalidArgumentError,
  KeySizeError,
  NotANumberError,
  OutcomeUnknownError,
  UnavailableError,
  UnsupportedOperationError,
  ValueSizeError,
  type StoreError,
} from './errors';
import {
  AskChange,
  ChangeAnswered,
  Survey,
  Surveyed,
  type Administration,
  type Surveying,
} from './port';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

type Request = Mutation | Get | Scan | Survey | AskChange;

export type Answer =
  Ok | Incremented | Mismatch | Value | NotFound | Page | Surveyed | ChangeAnswered;

/** Where requests go to. */
export interface RequestPorts {
  readonly jb: RequiredPort<typeof JBStore>;
  readonly surveying: RequiredPort<typeof Surveying>;
  readonly administration: RequiredPort<typeof Administration>;
}

/** What is told of data, and of which era. */
type Answered = Exclude<Answer, Surveyed | ChangeAnswered>;

/** Requests on ports as promises, for programs outside the world of components. */
export class Requests {
  readonly #jb: RequiredPort<typeof JBStore>;
  readonly #surveying: RequiredPort<typeof Surveying>;
  readonly #administration: RequiredPort<typeof Administration>;
  readonly #waiting = new TurnoverMap<Request, Waiting>();
  #closedBy: Error | undefined;

  /** @param hear - is told the era of each answer, before who asked gets it */
  constructor({ jb, surveying, administration }: RequestPorts, hear: (era: number) => void) {
    this.#jb = jb;
    this.#surveying = surveying;
    this.#administration = administration;

    const resolve = (request: Request, answer: Answered): void => {
      hear(answer.era);
      this.#take(request)?.resolve(answer);
    };
    jb.upon(Ok, (answer) => {
      resolve(answer.request, answer);
    });
    jb.upon(Incremented, (answer) => {
      resolve(answer.increment, answer);
    });
    jb.upon(Mismatch, (answer) => {
      resolve(answer.cas, answer);
    });
    jb.upon(Value, (answer) => {
      resolve(answer.get, answer);
    });
    jb.upon(NotFound, (answer) => {
      resolve(answer.get, answer);
    });
    jb.upon(Page, (answer) => {
      resolve(answer.scan, answer);
    });
    surveying.upon(Surveyed, (answer) => this.#take(answer.survey)?.resolve(answer));
    administration.upon(ChangeAnswered, (answer) => {
      const waiting = this.#take(answer.ask);
      if (answer.verdict === 'accepted') waiting?.resolve(answer);
      else waiting?.reject(refusalOf(answer));
    });
    jb.upon(Failed, ({ request, failure, text }) => {
      this.#take(request)?.reject(errorOf(failure, text));
    });
  }

  /**
   * The answer to `request`.
   * @throws {@link StoreError}, or the reason of `signal` if that is aborted first
   */
  ask(request: Request, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy) throw this.#closedBy;
      refuseOddTime(request);
      signal?.throwIfAborted();
      if (signal) this.#waitUnlessAborted(request, signal, { resolve, reject });
      else this.#waiting.set(request, { resolve, reject });
      if (isOfStore(request)) this.#jb.next(request);
      else if (request instanceof Survey) this.#surveying.next(request);
      else this.#administration.next(request);
    });
  }

  /** Once aborted, nobody waits for the answer: whoever performs it may let go of it. */
  #waitUnlessAborted(request: Request, signal: AbortSignal, { resolve, reject }: Waiting): void {
    const abort = (): void => {
      this.#take(request);
      if (isOfStore(request)) this.#jb.next(new Cancel(request));
      reject(signal.reason as Error);
    };
    const done = (): void => {
      forgetAbort(signal, abort);
    };
    uponAbort(signal, abort);
    this.#waiting.set(request, {
      resolve: (answer) => {
        done();
        resolve(answer);
      },
      reject: (reason) => {
        done();
        reject(reason);
      },
    });
  }

  /** Rejects what is running, because of `error`, and what is asked from now on. */
  close(error: Error): void {
    this.#closedBy ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(request: Request): Waiting | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting;
  }
}

function isOfStore(request: Request): request is Exclude<Request, Survey | AskChange> {
  return !(request instanceof Survey || request instanceof AskChange);
}

function refuseOddTime(request: Request): void {
  const { timeoutMs } = isOfStore(request) ? request.options : request;
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return;
  throw new InvalidArgumentError(`timeoutMs is a number greater than 0, not ${String(timeoutMs)}`);
}

function refusalOf({ verdict, text }: ChangeAnswered): StoreError {
  return verdict === 'refused' ? new ChangeRefusedError(text) : new UnavailableError(text);
}

function errorOf(failure: Failure, text: string): StoreError {
  switch (failure) {
    case 'unavailable':
      return new UnavailableError(`not performed: ${text}`);
    case 'outcome unknown':
      return new OutcomeUnknownError(`it may or may not have been performed: ${text}`);
    case 'key size':
      return new KeySizeError(text);
    case 'value size':
      return new ValueSizeError(text);
    case 'not a number':
      return new NotANumberError(text);
    case 'unsupported':
      return new UnsupportedOperationError(text);
  }
}
