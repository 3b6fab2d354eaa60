import { event, portType } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';
import { z } from 'zod';

import { type Operation, type Outcome } from './operations';
import { type RequestId } from './session';

export { GlanceMessage, GlancedMessage } from './glance';
export { Expected, Operation, Outcome } from './operations';
export { Generation, RequestId, SessionId } from './session';

/**
 * Asks for the value of `register`: the 16 characters of its position and then its key, as a byte string, one
 * character in U+0000..U+00FF for each byte.
 */
export class Read extends event('Read') {
  constructor(readonly register: string) {
    super();
  }
}

/**
 * Asks to perform `operation` on `register`, which needs no creation, as the request `id` of its session: any
 * number of times, here and at other members of the group, at once or after one another. The bytes of the
 * operation must not change any more.
 */
export class Mutate extends event('Mutate') {
  constructor(
    readonly register: string,
    readonly id: RequestId,
    readonly operation: Operation,
  ) {
    super();
  }
}

/** Nobody waits for `request` any longer. Has no effect once it was answered. */
export class Abandon extends event('Abandon') {
  constructor(readonly request: Read | Mutate) {
    super();
  }
}

/**
 * By the clock of this process, sessions of generations below `before` are over: a register may forget what they
 * did. It forgets nothing that is less than `lifetime` generations older than the newest that it has seen, so a
 * clock that is far ahead does no harm as long as nobody opens sessions by it.
 */
export class Prune extends event('Prune') {
  constructor(
    readonly before: number,
    readonly lifetime: number,
  ) {
    super();
  }
}

/** What `read` found. The bytes may be shared: do not change them. */
export class ReadReturn extends event('ReadReturn') {
  constructor(
    readonly read: Read,
    /** Undefined if there is no value. */
    readonly value: Uint8Array | undefined,
    /** Undefined if there is no value. */
    readonly version: number | undefined,
    /** Of the view that the register had: what was answered in an era before may be lost. */
    readonly era: number,
  ) {
    super();
  }
}

/** `mutate` was executed, now or by an earlier copy of its request: it went so, once and for all. */
export class MutateReturn extends event('MutateReturn') {
  constructor(
    readonly mutate: Mutate,
    readonly outcome: Outcome,
    /** Of the view that the register had. */
    readonly era: number,
  ) {
    super();
  }
}

/** Why a request got no other answer. */
export const RefusalReason = z.enum([
  /** This process has no view yet. */
  'no view',
  /** This process is not in the group of the register. */
  'wrong node',
  /** It was abandoned, and this copy of it will not be executed. */
  'not executed',
  /** It was abandoned, and may have been executed, or be so yet. */
  'outcome unknown',
  /**
   * The register has forgotten what sessions of its generation did. The request is not executed from now on;
   * whether it was before, nobody knows.
   */
  'session expired',
  /** Its session has made a later request of this register, so that nobody waits for this one. */
  'superseded',
]);
export type RefusalReason = z.infer<typeof RefusalReason>;

/** `request` is not answered any more. */
export class Refused extends event('Refused') {
  constructor(
    readonly request: Read | Mutate,
    readonly reason: RefusalReason,
    readonly text: string,
    /** When the session expired: sessions of this generation, or a later one, are served. */
    readonly generationFloor?: number,
  ) {
    super();
  }
}

/** This process begins to synchronise `slot`: its other members are to get all that earlier epochs chose. */
export class TransferBegun extends event('TransferBegun') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/** `member` has got so many of the chunks, about 64 KiB each, in which all of `slot` is sent. */
export class TransferMoved extends event('TransferMoved') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    readonly member: Address,
    readonly chunks: number,
    readonly ofChunks: number,
  ) {
    super();
  }
}

/** All members that are not suspected have all of `slot`. */
export class TransferEnded extends event('TransferEnded') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/** What is moved when the group of a slot changes. Nothing can be asked for. */
export const SlotTransfers = portType('SlotTransfers', {
  requests: [],
  indications: [TransferBegun, TransferMoved, TransferEnded],
});

/**
 * Rewritable registers, each held by the group that the view says. Each is one object of consensus for as long
 * as it lives: it does not only store, it decides which requests take effect, and in which order.
 *
 * - *Termination* [while this process and a majority of the group are correct and finally agree whom to suspect]:
 *   each {@link Read} and {@link Mutate} is answered at last, by its {@link ReadReturn} or {@link MutateReturn}, or
 *   by {@link Refused}. Never by two of them.
 * - *Exactly once* [always]: a request takes effect at most once, however many copies of it are made. Each copy that is
 *   answered by {@link MutateReturn} gets the outcome of that one time.
 * - *Linearizability* [always]: reads and requests of a register seem to happen one after the other, each at one
 *   moment between its first invocation and its answer.
 * - *Versions never restart* [always]: each change of a register makes a version greater than all before, also
 *   when the value was deleted in between.
 *
 * *Exactly once* supposes that a session has at most one request under way for each register, and counts its
 * requests up. Answers carry their request: an asker ignores those of others.
 */
export const RewritableRegister = portType('RewritableRegister', {
  requests: [Read, Mutate, Abandon, Prune],
  indications: [ReadReturn, MutateReturn, Refused],
});
