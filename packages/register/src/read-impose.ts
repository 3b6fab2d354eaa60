import { Component, Start, Stop, invariant, type Context } from '@jbstore/core';
import { Address, Network } from '@jbstore/network/port';
import { CancelTimeout, ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { Figures } from './figures';
import { Groups } from './group';
import { bytesOf, type Kept } from './kept';
import { AckMessage, ReadMessage, ValueMessage, WriteMessage } from './messages';
import { Operation } from './operation';
import {
  Abandon,
  Abandoned,
  Admit,
  AtomicRegister,
  CountRegisters,
  ListRegisters,
  Read,
  ReadReturn,
  RegisterDirectory,
  RegistersCounted,
  RegistersListed,
  Write,
  WriteReturn,
} from './port';
import { Registers } from './registers';
import { RunningOperations } from './running-operations';
import { highestTimestamp, neverWritten } from './timestamp';

export const RegisterInit = z.object({
  /** This process, as it stands in the groups. */
  self: Address,
  /** A phase is repeated to those who have not answered: first after so long, or a quarter more. */
  retransmitMs: z.number().positive().default(500),
  /** The wait doubles up to so much. */
  longestRetransmitMs: z.number().positive().default(4_000),
});
export type RegisterInit = z.input<typeof RegisterInit>;

/** One timeout for all operations; it is scheduled only while one of them waits. */
class Sweep extends Timeout {}
const sweepsPerRetransmission = 4;

const noBytes = new Uint8Array(0);

/**
 * What the two algorithms share: the replica, the read that imposes what it found, the repetition of
 * phases, and the directory. Each of them adds how it writes.
 */
export abstract class ReadImpose extends Component {
  readonly register = this.provides(AtomicRegister);
  readonly directory = this.provides(RegisterDirectory);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  readonly #self: Address;
  readonly #groups: Groups;
  readonly #registers = new Registers();
  readonly #running: RunningOperations;
  readonly #figures: Figures;
  readonly #sweep = new Sweep();
  readonly #sweepMs: number;
  #sweepScheduled = false;
  /** Whose reads and writes are served; undefined: those of all. */
  #admitted: ReadonlySet<Address> | undefined;

  constructor(context: Context, init: RegisterInit) {
    super(context);
    const { self, retransmitMs, longestRetransmitMs } = RegisterInit.parse(init);
    this.#self = self;
    this.#groups = new Groups(self);
    this.#sweepMs = retransmitMs / sweepsPerRetransmission;
    this.#running = new RunningOperations(context.random('boot').int(2 ** 32), {
      first: sweepsPerRetransmission,
      longest: Math.ceil(longestRetransmitMs / this.#sweepMs),
    });
    this.#figures = new Figures(context);

    this.#handleAdmission();
    this.#handleReads();
    this.#handleAcknowledgements();
    this.#handleAbandonment();
    this.#handleTime();
    this.#handleDirectory();
  }

  #handleAdmission(): void {
    this.register.upon(Admit, ({ processes }) => {
      this.#admitted = new Set([this.#self, ...processes]);
    });
  }

  #handleReads(): void {
    this.register.upon(Read, (read) => {
      const operation = this.begin(read);
      const { ownRank } = operation.group;
      if (ownRank !== undefined) {
        const copy = this.#registers.find(read.register);
        operation.learn(ownRank, copy?.timestamp ?? neverWritten, copy?.value);
      }
      operation.above = operation.timestamp;
      this.#consult(operation, this.#decideRead);
    });

    this.network.upon(ReadMessage, ({ source, boot, phase, register, above }) => {
      if (!this.#admits(source)) return;
      const copy = this.#registers.find(register);
      const timestamp = copy?.timestamp ?? neverWritten;
      const value = copy && timestamp > above ? bytesOf(copy.value) : noBytes;
      this.network.next(new ValueMessage(source, { boot, phase, timestamp, value }));
    });

    this.network.upon(ValueMessage, (reply) => {
      const answered = this.#running.answeredBy(reply, 'consult');
      if (!answered) {
        this.#figures.strayReplies.add();
        return;
      }
      const { operation, rank } = answered;
      operation.learn(rank, reply.timestamp, reply.value);
      if (operation.isAnswered) operation.consulted?.(operation);
    });
  }

  #handleAcknowledgements(): void {
    this.network.upon(WriteMessage, ({ source, boot, phase, register, timestamp, value }) => {
      if (!this.#admits(source)) return;
      this.#hold(register, timestamp, value);
      this.network.next(new AckMessage(source, { boot, phase }));
    });

    this.network.upon(AckMessage, (reply) => {
      const answered = this.#running.answeredBy(reply, 'impose');
      if (!answered) {
        this.#figures.strayReplies.add();
        return;
      }
      const { operation, rank } = answered;
      operation.acknowledge(rank);
      if (operation.isHeld) this.#finish(operation);
    });
  }

  #handleAbandonment(): void {
    this.register.upon(Abandon, ({ request }) => {
      const operation = this.#running.of(request);
      if (!operation) return;
      this.#remove(operation);
      const mayTakeEffect = request instanceof Write && operation.phase === 'impose';
      this.register.next(new Abandoned(request, mayTakeEffect ? 'unknown' : 'not executed'));
    });
  }

  #handleTime(): void {
    this.timer.upon(Sweep, (sweep) => {
      if (sweep !== this.#sweep) return;
      this.#sweepScheduled = false;
      for (const operation of this.#running.sweep()) {
        this.#figures.retransmissions.add(operation.unanswered);
        this.#send(operation);
      }
      this.#scheduleSweep();
    });

    this.control.upon(Start, () => {
      this.#scheduleSweep();
    });

    this.control.upon(Stop, () => {
      this.#sweepScheduled = false;
      this.timer.next(new CancelTimeout(this.#sweep));
    });
  }

  #handleDirectory(): void {
    this.directory.upon(ListRegisters, (request) => {
      const { names, more } = this.#registers.list(request.after, request.until, request.limit);
      this.directory.next(new RegistersListed(request, names, more));
    });

    this.directory.upon(CountRegisters, (request) => {
      const { size, bytes } = this.#registers;
      this.directory.next(new RegistersCounted(request, size, bytes));
    });
  }

  /** Says whether what `process` asks of the replica is served; counts it if not. */
  #admits(process: Address): boolean {
    const admits = this.#admitted?.has(process) ?? true;
    if (!admits) this.#figures.outsiders.add();
    return admits;
  }

  /** Takes `request` up. */
  protected begin(request: Read | Write): Operation {
    const operation = new Operation(request, this.#groups.of(request.group));
    this.#running.add(operation);
    this.#figures.running.value = this.#running.size;
    (request instanceof Read ? this.#figures.reads : this.#figures.writes).add();
    return operation;
  }

  /** The timestamp that this process holds of `register`. */
  protected timestampOf(register: string): number {
    return this.#registers.timestampOf(register);
  }

  /** Asks a majority, this process as its member `rank` included, for timestamps alone; then `decides`. */
  protected consultTimestamps(operation: Operation, rank: number, decides: Decision): void {
    operation.learn(rank, this.timestampOf(operation.request.register), undefined);
    operation.above = highestTimestamp;
    this.#consult(operation, decides);
  }

  #consult(operation: Operation, decides: Decision): void {
    operation.consulted = decides;
    if (operation.isAnswered) decides(operation);
    else this.#enterPhase(operation);
  }

  readonly #decideRead: Decision = (operation) => {
    const { timestamp, value } = operation;
    if (operation.isHeld) {
      this.#figures.oneRoundReads.add();
      this.#finish(operation);
    } else {
      invariant(value !== undefined, 'a timestamp is found with its value');
      this.#figures.imposedReads.add();
      this.impose(operation, timestamp, value);
    }
  };

  /** Has a majority hold `value` with `timestamp`, this process first, and ends the operation. */
  protected impose(operation: Operation, timestamp: number, value: Kept): void {
    operation.impose(timestamp, value);
    const { ownRank } = operation.group;
    if (ownRank !== undefined && !operation.hasAnswerOf(ownRank)) {
      this.#hold(operation.request.register, timestamp, bytesOf(value));
      operation.acknowledge(ownRank);
    }
    if (operation.isHeld) this.#finish(operation);
    else this.#enterPhase(operation);
  }

  #finish(operation: Operation): void {
    invariant(operation.isHeld, 'what is answered is held by a majority');
    const { request, value } = operation;
    this.#remove(operation);
    const answer =
      request instanceof Write
        ? new WriteReturn(request)
        : new ReadReturn(request, value === undefined ? undefined : bytesOf(value));
    this.register.next(answer);
  }

  #remove(operation: Operation): void {
    this.#running.remove(operation);
    this.#figures.running.value = this.#running.size;
  }

  #hold(register: string, timestamp: number, value: Uint8Array): void {
    this.#registers.store(register, timestamp, value);
    this.#figures.held.value = this.#registers.size;
  }

  #enterPhase(operation: Operation): void {
    this.#running.enterPhase(operation);
    this.#figures.rounds.add();
    this.#send(operation);
    this.#scheduleSweep();
  }

  /** Sends the running phase to the members that have not answered it; this process always has. */
  #send(operation: Operation): void {
    const { group, value, above, timestamp, phaseNumber: phase } = operation;
    const { register } = operation.request;
    const { boot } = this.#running;
    const imposed =
      operation.phase === 'impose' && value !== undefined ? bytesOf(value) : undefined;
    group.members.forEach((member, rank) => {
      if (operation.hasAnswerOf(rank)) return;
      const message = imposed
        ? new WriteMessage(member, { boot, phase, register, timestamp, value: imposed })
        : new ReadMessage(member, { boot, phase, register, above });
      this.network.next(message);
    });
  }

  #scheduleSweep(): void {
    if (this.#sweepScheduled || this.#running.size === 0) return;
    this.#sweepScheduled = true;
    this.timer.next(new ScheduleTimeout(this.#sweepMs, this.#sweep));
  }
}

/** What follows when a majority was consulted. */
type Decision = (operation: Operation) => void;
