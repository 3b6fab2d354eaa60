import { invariant, type System } from '@jbstore/core';
import type { ChangeWish, View } from '@jbstore/gms/port';
import type { Recorder } from '@jbstore/linearizability';
import type { Address } from '@jbstore/network/port';
import {
  Cas,
  Delete,
  Get,
  Increment,
  Incremented,
  Mismatch,
  Ok,
  Page,
  Put,
  Scan,
  Value,
  type Mutation,
} from '@jbstore/store/port';
import { Subject, type Observable } from 'rxjs';

import type { ClientProcess } from './assembly';
import { ClosedError, InvalidArgumentError, UnsupportedOperationError } from './errors';
import { expectedOf, type Expectation } from './expectation';
import { unsupportedBy } from './limits';
import {
  AskChange,
  Lost,
  NotReached,
  Reached,
  Survey,
  Surveyed,
  SuspicionsLearned,
  ViewLearned,
} from './port';
import { recorded } from './recorded';
import { Requests, type Answer } from './requests';
import { statusOf, type StoreStatus } from './status';
import type { StoreEvent } from './store-event';
import { bytesOf, textOf, type Bytes } from './text';

/** What every call takes. */
export interface CallOptions {
  /** How long to wait for the answer; then the call rejects. Default: that of `connect`. */
  readonly timeoutMs?: number;
  /** Aborts the waiting: the call rejects with the signal's reason. What changes something may be performed all the same. */
  readonly signal?: AbortSignal;
}

/** What is stored under a key. */
export interface Versioned {
  readonly value: Uint8Array;
  /** Rises with each change of the key, over deletions too, and never restarts within an era. */
  readonly version: number;
  readonly era: number;
}

/** What came of a compare and set. */
export interface CasResult {
  /** False: something else was there than expected, and is there still. */
  readonly swapped: boolean;
  /** That of what is there now; undefined if nothing is. */
  readonly version: number | undefined;
  readonly era: number;
}

/** How many keys a page of a scan has at most. */
const pageKeys = 1_000;

/**
 * A connected store. Any number of calls may run at once, over one connection per node. Byte arrays
 * that are handed in must not change until the call has settled.
 *
 * All calls reject with a `StoreError`: `ERR_UNAVAILABLE` (surely not performed), `ERR_OUTCOME_UNKNOWN`
 * (what changes something, without an answer), `ERR_KEY_SIZE`, `ERR_VALUE_SIZE`, `ERR_CLOSED`; and
 * `ERR_UNSUPPORTED_OPERATION` where a call needs registers that perform each request exactly once.
 */
export class Store implements AsyncDisposable {
  readonly #system: System;
  readonly #requests: Requests;
  readonly #timeoutMs: number;
  readonly #recorder: Recorder | undefined;
  readonly #events = new Subject<StoreEvent>();
  #view: View;
  #era: number;
  #suspected: readonly Address[] = [];

  /** @internal Made by `connect`. */
  constructor(
    system: System,
    client: ClientProcess,
    view: View,
    { timeoutMs, recorder }: { readonly timeoutMs: number; readonly recorder?: Recorder },
  ) {
    this.#system = system;
    const ports = {
      jb: system.clientOf(client.jb),
      surveying: system.clientOf(client.surveying),
      administration: system.clientOf(client.administration),
    };
    this.#requests = new Requests(ports, (era) => {
      this.#hear(era);
    });
    this.#view = view;
    this.#era = view.era;
    this.#timeoutMs = timeoutMs;
    this.#recorder = recorder;
    this.#watch(client);
    system.terminated.then(
      () => {
        this.#requests.close(new ClosedError());
      },
      (fault: unknown) => {
        this.#requests.close(fault instanceof Error ? fault : new ClosedError());
      },
    );
  }

  /** The newest view that is known here. */
  get view(): View {
    return this.#view;
  }

  /** The latest of all views and answers. It has risen before a call resolves with what is of a later one. */
  get era(): number {
    return this.#era;
  }

  get events(): Observable<StoreEvent> {
    return this.#events.asObservable();
  }

  /** Stores `value` under `key`; resolves when it is stored for good. */
  async put(key: Bytes, value: Bytes, options: CallOptions = {}): Promise<void> {
    const put = new Put(bytesOf('key', key), bytesOf('value', value), options);
    await this.#ask(put, options);
  }

  /** What is stored under `key`; undefined if nothing is. */
  async get(key: Bytes, options: CallOptions = {}): Promise<Uint8Array | undefined> {
    const answer = await this.#ask(new Get(bytesOf('key', key), options), options);
    return answer instanceof Value ? answer.value : undefined;
  }

  /** What is stored under `key`, read as UTF-8; undefined if nothing is. */
  async getText(key: Bytes, options: CallOptions = {}): Promise<string | undefined> {
    const value = await this.get(key, options);
    return value && textOf(value);
  }

  /**
   * What is stored under `key`, and its version; undefined if nothing is.
   * Needs exactly-once registers.
   */
  async getWithVersion(key: Bytes, options: CallOptions = {}): Promise<Versioned | undefined> {
    const { register } = this.#view;
    if (register !== 'exactly-once') {
      throw new UnsupportedOperationError(unsupportedBy(register, 'versions'));
    }
    const answer = await this.#ask(new Get(bytesOf('key', key), options), options);
    if (!(answer instanceof Value) || answer.version === undefined) return undefined;
    return { value: answer.value, version: answer.version, era: answer.era };
  }

  /** Removes what is stored under `key`, if something is. Needs exactly-once registers. */
  async delete(key: Bytes, options: CallOptions = {}): Promise<void> {
    await this.#ask(new Delete(bytesOf('key', key), options), options);
  }

  /**
   * Stores `value` under `key` if there is what is expected: this value, or the value of this version, or
   * none (compare and set). Needs exactly-once registers.
   */
  async cas(
    key: Bytes,
    expected: Expectation,
    value: Bytes,
    options: CallOptions = {},
  ): Promise<CasResult> {
    const [keyBytes, valueBytes] = [bytesOf('key', key), bytesOf('value', value)];
    const cas = new Cas(keyBytes, expectedOf(expected), valueBytes, options);
    const answer = await this.#ask(cas, options);
    invariant(answer instanceof Ok || answer instanceof Mismatch, 'a cas is done, or is not');
    return { swapped: answer instanceof Ok, version: answer.version, era: answer.era };
  }

  /**
   * Adds `by`, a safe integer, to the number that is stored under `key` in decimal digits, and returns the sum;
   * where nothing is stored, to 0. Rejects with `ERR_NOT_A_NUMBER` if something else is stored, or the sum is no
   * safe integer. Needs exactly-once registers.
   */
  async increment(key: Bytes, by = 1, options: CallOptions = {}): Promise<number> {
    if (!Number.isSafeInteger(by)) {
      throw new InvalidArgumentError(`an increment is a safe integer, not ${String(by)}`);
    }
    const answer = await this.#ask(new Increment(bytesOf('key', key), by, options), options);
    invariant(answer instanceof Incremented, 'an increment that succeeded made a sum');
    return answer.value;
  }

  /** All keys, read as UTF-8, in no order that means anything. See {@link keyBytes}. */
  async *keys(options: CallOptions = {}): AsyncGenerator<string, void, undefined> {
    for await (const key of this.keyBytes(options)) yield textOf(key);
  }

  /**
   * All keys. Not a snapshot: each key whose put was answered before the call is there once; one that
   * is put meanwhile may be.
   */
  async *keyBytes(options: CallOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const scan = new Scan(cursor, pageKeys, options);
      const page = await this.#requests.ask(scan, options.signal);
      if (!(page instanceof Page)) return;
      yield* page.keys;
      cursor = page.next;
    }
  }

  /** The view, and what each member says of itself within the time. */
  async status(options: Pick<CallOptions, 'timeoutMs'> = {}): Promise<StoreStatus> {
    const survey = new Survey(options.timeoutMs ?? Math.min(1_000, this.#timeoutMs));
    const answer = await this.#requests.ask(survey);
    invariant(answer instanceof Surveyed, 'a survey ends with what was found');
    return statusOf(this.#view, this.#suspected, answer);
  }

  /**
   * Asks the cluster to change its members. Resolves when the leader means to do it, which may take a while: see
   * {@link status}. A leader that ends forgets it, so ask again until it is done; it is the same to ask twice. To
   * `force` may lose what was acknowledged: it is done when {@link era} is higher.
   * Rejects with `ERR_CHANGE_REFUSED` if it cannot be done, with `ERR_UNAVAILABLE` if nobody leads in time.
   */
  async change(change: ChangeWish, options: CallOptions = {}): Promise<void> {
    const ask = new AskChange(change, options.timeoutMs ?? this.#timeoutMs);
    await this.#requests.ask(ask, options.signal);
  }

  /** Ends the connection. Calls that run reject with `ERR_CLOSED`. */
  async close(): Promise<void> {
    this.#requests.close(new ClosedError());
    this.#events.complete();
    await this.#system[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #ask(request: Mutation | Get, { signal }: CallOptions): Promise<Answer> {
    const ask = (): Promise<Answer> => this.#requests.ask(request, signal);
    return this.#recorder ? recorded(this.#recorder, request, ask) : ask();
  }

  #hear(era: number): void {
    const before = this.#era;
    if (era <= before) return;
    this.#era = era;
    this.#events.next({ type: 'era', era, before });
  }

  #watch(client: ClientProcess): void {
    const cluster = this.#system.clientOf(client.cluster);

    cluster.upon(ViewLearned, ({ view }) => {
      this.#view = view;
      this.#events.next({ type: 'view', view });
      this.#hear(view.era);
    });

    cluster.upon(SuspicionsLearned, ({ suspicions }) => {
      const members = this.#view.members.map(({ address }) => address);
      const suspected = members.filter((member) => suspicions.has(member));
      if (String(suspected) === String(this.#suspected)) return;
      this.#suspected = suspected;
      this.#events.next({ type: 'suspicions', suspected });
    });

    const connected = new Set<Address>();
    cluster.upon(Reached, ({ process }) => {
      if (connected.has(process)) return;
      connected.add(process);
      this.#events.next({ type: 'connected', node: process });
    });

    cluster.upon(Lost, ({ process, reason }) => {
      connected.delete(process);
      this.#events.next({ type: 'disconnected', node: process, reason });
    });

    cluster.upon(NotReached, ({ contact, reason }) => {
      this.#events.next({ type: 'unreachable', node: contact, reason });
    });
  }
}
