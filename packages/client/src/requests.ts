import type { RequiredPort } from '@jbstore/core';
import {
  Cancel,
  Failed,
  NotFound,
  Ok,
  Page,
  Value,
  type Failure,
  type Get,
  type JBStore,
  type Put,
  type Scan,
} from '@jbstore/store/port';

import {
  ClosedError,
  KeySizeError,
  OutcomeUnknownError,
  UnavailableError,
  ValueSizeError,
  type StoreError,
} from './errors';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

export type Answer = Ok | Value | NotFound | Page;

/** Requests on a port as promises, for programs outside the world of components. */
export class Requests {
  readonly #jb: RequiredPort<typeof JBStore>;
  readonly #waiting = new Map<Put | Get | Scan, Waiting>();
  #closed = false;

  constructor(jb: RequiredPort<typeof JBStore>) {
    this.#jb = jb;

    jb.upon(Ok, (answer) => this.#take(answer.put)?.resolve(answer));
    jb.upon(Value, (answer) => this.#take(answer.get)?.resolve(answer));
    jb.upon(NotFound, (answer) => this.#take(answer.get)?.resolve(answer));
    jb.upon(Page, (answer) => this.#take(answer.scan)?.resolve(answer));
    jb.upon(Failed, ({ request, failure, text }) => {
      this.#take(request)?.reject(errorOf(failure, text));
    });
  }

  /**
   * The answer to `request`.
   * @throws {@link StoreError}, or the reason of `signal` if that is aborted first
   */
  ask(request: Put | Get | Scan, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new ClosedError();
      signal?.throwIfAborted();
      const abort = (): void => {
        this.#take(request);
        this.#jb.next(new Cancel(request));
        reject(signal?.reason as Error);
      };
      const done = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
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
      this.#jb.next(request);
    });
  }

  /** Rejects what is running, because of `error`, and what is asked from now on. */
  close(error: Error): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(request: Put | Get | Scan): Waiting | undefined {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting;
  }
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
  }
}
