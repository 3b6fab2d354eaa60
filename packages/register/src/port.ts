import { event, portType } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';

export { Group, including, includes, nobodyYet, sizeOf, type MemberSet } from './group';
export { bytesOf, isSame, keep, type Kept } from './kept';
export { AckMessage, ReadMessage, ValueMessage, WriteMessage } from './messages';

/**
 * Asks for the value of `register`. The name of a register is a byte string: one character in
 * U+0000..U+00FF for each byte. `group` are the processes which hold it: the same, in the same order, in
 * every request for this register, from wherever.
 */
export class Read extends event('Read') {
  constructor(
    readonly register: string,
    readonly group: readonly Address[],
  ) {
    super();
  }
}

/** Asks to store `value` in `register`, which needs no creation. The bytes must not change any more. */
export class Write extends event('Write') {
  constructor(
    readonly register: string,
    readonly value: Uint8Array,
    readonly group: readonly Address[],
  ) {
    super();
  }
}

/** Nobody waits for `request` any longer. Has no effect once it was answered. */
export class Abandon extends event('Abandon') {
  constructor(readonly request: Read | Write) {
    super();
  }
}

/**
 * From now on only these `processes` count as holders and coordinators of registers, and this one itself:
 * what others ask of the registers held here is counted and dropped. Each such request replaces the one
 * before. Without it the messages of all are taken.
 */
export class Admit extends event('Admit') {
  constructor(readonly processes: readonly Address[]) {
    super();
  }
}

/** The value that `read` found; undefined if nobody ever wrote. Its bytes may be shared: do not change them. */
export class ReadReturn extends event('ReadReturn') {
  constructor(
    readonly read: Read,
    readonly value: Uint8Array | undefined,
  ) {
    super();
  }
}

/** `write` has taken effect. */
export class WriteReturn extends event('WriteReturn') {
  constructor(readonly write: Write) {
    super();
  }
}

/** `request` was given up, and is not answered any more. */
export class Abandoned extends event('Abandoned') {
  constructor(
    readonly request: Read | Write,
    /** `unknown`: the write may have taken effect, or may still do so. */
    readonly outcome: 'not executed' | 'unknown',
  ) {
    super();
  }
}

/**
 * Atomic registers, each held by a group of processes (Cachin, Guerraoui, Rodrigues: (1,N) and (N,N)
 * atomic register).
 *
 * - *Termination* [while this process and a majority of the group are correct]: each {@link Read} and
 *   {@link Write} is answered at last, by its {@link ReadReturn} or {@link WriteReturn}, or by
 *   {@link Abandoned} if that was asked for. Never by two of them.
 * - *Validity and ordering* [always]: reads and writes of a register seem to happen one after the other,
 *   each at one moment between its request and its answer. So a read that begins after another one ended
 *   never returns an older value.
 *
 * A process that does not keep to the algorithm breaks this, so {@link Admit} says who is trusted to; a
 * process that is admitted nowhere reads and writes nothing. In *termination*, a majority is one of
 * members that have admitted this process.
 *
 * Many requests may run at once, also on one register. Answers carry their request: an asker ignores
 * those of others.
 */
export const AtomicRegister = portType('AtomicRegister', {
  requests: [Read, Write, Abandon, Admit],
  indications: [ReadReturn, WriteReturn, Abandoned],
});

/** Asks for names of registers held here, greater than `after` and less than `until`, as bytes compare. */
export class ListRegisters extends event('ListRegisters') {
  constructor(
    readonly after: string,
    readonly until: string | undefined,
    /** The most names wanted, at least 1. */
    readonly limit: number,
  ) {
    super();
  }
}

/** The first names that were asked for, in order. */
export class RegistersListed extends event('RegistersListed') {
  constructor(
    readonly request: ListRegisters,
    readonly names: readonly string[],
    /** There are more names within the bounds of the request. */
    readonly more: boolean,
  ) {
    super();
  }
}

/** Asks how much is held here. */
export class CountRegisters extends event('CountRegisters') {}

/** How many registers with a value are held here, and the bytes of their names and values together. */
export class RegistersCounted extends event('RegistersCounted') {
  constructor(
    readonly request: CountRegisters,
    readonly registers: number,
    readonly bytes: number,
  ) {
    super();
  }
}

/**
 * Which registers this process holds a value of, itself.
 *
 * - *Completeness* [always]: a register is listed by a majority of its group, at least, from the moment
 *   its first write is answered.
 */
export const RegisterDirectory = portType('RegisterDirectory', {
  requests: [ListRegisters, CountRegisters],
  indications: [RegistersListed, RegistersCounted],
});
