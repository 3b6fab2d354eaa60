import { invariant, type Context } from '@jbstore/core';

import { type Operation } from './operation';
import { Write } from './port';
import { ReadImpose, type RegisterInit } from './read-impose';
import { timestampAfter } from './timestamp';

/**
 * Implements the (N,N) atomic register by Read-Impose Write-Consult-Majority (Cachin, Guerraoui,
 * Rodrigues, chapter 4; after Attiya, Bar-Noy and Dolev). Every member of the group writes: it asks a
 * majority for its timestamps, takes a greater one, and imposes its value with that on a majority. A
 * read asks a majority, and imposes what it found before it returns it, unless they all agree.
 *
 * Departs from the book: see the README of this package.
 *
 * Uses Network and Timer. A write takes two rounds, 4(N−1) messages; a read one round and 2(N−1)
 * messages where a majority agrees, and up to twice that otherwise. A replica keeps one timestamp and
 * one value for each register.
 */
export class ReadImposeWriteConsultMajority extends ReadImpose {
  constructor(context: Context, init: RegisterInit) {
    super(context, init);

    this.register.upon(Write, (write) => {
      const operation = this.begin(write);
      const { ownRank } = operation.group;
      invariant(ownRank !== undefined, 'a writer is a member of the group');
      this.consultTimestamps(operation, ownRank, (consulted) => {
        this.#decideWrite(consulted, write, ownRank);
      });
    });
  }

  /**
   * The own timestamp is looked up again: another write of this process, which ran meanwhile, may have
   * taken the one after those that the majority reported. It stands in the own copy since that moment.
   */
  #decideWrite(operation: Operation, { register, value }: Write, rank: number): void {
    const highest = Math.max(operation.timestamp, this.timestampOf(register));
    this.impose(operation, timestampAfter(highest, rank), value);
  }
}
