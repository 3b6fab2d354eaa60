import { Component, type Context } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';
import {
  Abandon,
  Abandoned,
  Admit,
  AtomicRegister,
  Read,
  ReadReturn,
  Write,
  WriteReturn,
} from '@jbstore/register/port';

/**
 * A register with a flaw that looks like an optimisation: a read asks nobody but this process, whose copy
 * may be older than what a majority has.
 */
export class LocalReads extends Component {
  readonly register = this.provides(AtomicRegister);
  readonly sound = this.requires(AtomicRegister);
  readonly #readOf = new Map<Read, Read>();

  constructor(context: Context, self: Address) {
    super(context);

    this.register.upon(Read, (read) => {
      const local = new Read(read.register, [self]);
      this.#readOf.set(local, read);
      this.sound.next(local);
    });

    this.sound.upon(ReadReturn, ({ read: local, value }) => {
      const read = this.#readOf.get(local);
      if (!read) return;
      this.#readOf.delete(local);
      this.register.next(new ReadReturn(read, value));
    });

    this.register.upon(Write, (write) => this.sound.next(write));
    this.register.upon(Abandon, (abandon) => this.sound.next(abandon));
    this.register.upon(Admit, (admit) => this.sound.next(admit));
    this.sound.upon(WriteReturn, (answer) => this.register.next(answer));
    this.sound.upon(Abandoned, (answer) => this.register.next(answer));
  }
}
