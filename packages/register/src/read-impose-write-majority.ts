import { invariant, type Context } from '@jbstore/core';

import { Write } from './port';
import { ReadImpose, type RegisterInit } from './read-impose';
import { timestampAfter } from './timestamp';

/** The rank of the only process that writes a register: the first of its group, its lead. */
const writer = 0;

/**
 * Implements the (1,N) atomic register by Read-Impose Write-Majority (Cachin, Guerraoui, Rodrigues,
 * chapter 4). The writer of a register, which is the first member of its group, counts its writes and
 * imposes each on a majority. A read asks a majority, and imposes what it found before it returns it,
 * unless they all agree. A {@link Write} anywhere else is a fault of whoever made it, and stops this
 * component: two writers would give one timestamp to two values.
 *
 * Departs from the book: see the README of this package.
 *
 * Uses Network and Timer. A write takes one round, 2(N−1) messages; a read one round and 2(N−1)
 * messages where a majority agrees, and up to twice that otherwise. A replica keeps one timestamp and
 * one value for each register; the book's wts is the timestamp of the writer's own copy.
 */
export class ReadImposeWriteMajority extends ReadImpose {
  constructor(context: Context, init: RegisterInit) {
    super(context, init);

    this.register.upon(Write, (write) => {
      const operation = this.begin(write);
      invariant(operation.group.ownRank === writer, 'the first of a group is its only writer');
      const wts = timestampAfter(this.timestampOf(write.register), writer);
      this.impose(operation, wts, write.value);
    });
  }
}
