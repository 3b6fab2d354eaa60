import { invariant } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';

import { type Operation } from './operation';
import { type Read, type Write } from './port';

/** A reply to one phase: its rid, and who sent it. */
interface Reply {
  readonly boot: number;
  readonly phase: number;
  readonly source: Address;
}

/** How long to wait for replies before a phase is repeated, in sweeps. It doubles each time. */
interface Patience {
  readonly first: number;
  readonly longest: number;
}

interface Answered {
  readonly operation: Operation;
  readonly rank: number;
}

/** The operations on their way: by their request, and by the number of their running phase. */
export class RunningOperations {
  readonly #byRequest = new Map<Read | Write, Operation>();
  readonly #patience: Patience;
  /** In the order in which the phases began. */
  readonly #byPhase = new Map<number, Operation>();
  #lastPhase = 0;
  #sweeps = 0;

  /** @param boot - drawn by chance; tells this life of the process from all others */
  constructor(
    readonly boot: number,
    patience: Patience,
  ) {
    this.#patience = patience;
  }

  get size(): number {
    return this.#byRequest.size;
  }

  of(request: Read | Write): Operation | undefined {
    return this.#byRequest.get(request);
  }

  add(operation: Operation): void {
    invariant(!this.#byRequest.has(operation.request), 'a request is made once');
    this.#byRequest.set(operation.request, operation);
  }

  /** A phase of `operation` begins; replies to its former one are strays from now on. */
  enterPhase(operation: Operation): void {
    this.#byPhase.delete(operation.phaseNumber);
    this.#lastPhase += 1;
    operation.phaseNumber = this.#lastPhase;
    operation.repetitions = 0;
    operation.dueSweep = this.#sweeps + this.#patience.first + 1;
    this.#byPhase.set(operation.phaseNumber, operation);
  }

  remove(operation: Operation): void {
    this.#byRequest.delete(operation.request);
    this.#byPhase.delete(operation.phaseNumber);
  }

  /**
   * The operation whose running phase `reply` answers, with the rank of who sent it. Undefined for a
   * reply that does not count: to another phase, of this life or of another; from outside the group;
   * or the second of one member.
   *
   * @param kind - what the phase must be, to be answered by such a reply
   */
  answeredBy(reply: Reply, kind: Operation['phase']): Answered | undefined {
    if (reply.boot !== this.boot) return undefined;
    const operation = this.#byPhase.get(reply.phase);
    if (operation?.phase !== kind) return undefined;
    const rank = operation.group.rankOf(reply.source);
    if (rank === undefined || operation.hasAnswerOf(rank)) return undefined;
    return { operation, rank };
  }

  /** Once a sweep: the operations whose running phase is to be repeated now, oldest phase first. */
  sweep(): readonly Operation[] {
    const { first, longest } = this.#patience;
    const due: Operation[] = [];
    this.#sweeps += 1;
    for (const operation of this.#byPhase.values()) {
      const isDue = operation.dueSweep <= this.#sweeps;
      // What follows one that is too young is younger still.
      if (!isDue && operation.repetitions === 0) break;
      if (!isDue) continue;
      operation.repetitions += 1;
      operation.dueSweep = this.#sweeps + Math.min(first * 2 ** operation.repetitions, longest);
      due.push(operation);
    }
    return due;
  }
}
