import {
  Component,
  System,
  invariant,
  type ComponentClass,
  type Context,
  type EventClass,
  type Random,
  type VirtualHost,
} from '@jbstore/core';
import { Address, type Message } from '@jbstore/network/port';
import {
  type ReadImposeWriteConsultMajority,
  type ReadImposeWriteMajority,
  type RegisterInit,
} from '@jbstore/register';
import {
  Admit,
  Read,
  Write,
  type Abandon,
  type Abandoned,
  type ReadReturn,
  type WriteReturn,
} from '@jbstore/register/port';
import {
  Processes,
  type Envelope,
  type Probe,
  type Process,
  type VirtualWire,
} from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

export type Algorithm = ComponentClass<
  ReadImposeWriteConsultMajority | ReadImposeWriteMajority,
  [RegisterInit]
>;

class Chance extends Component {
  readonly random: Random;

  constructor(context: Context) {
    super(context);
    this.random = context.random('schedule');
  }
}

/** The addresses of processes a, b, c and so on. */
export function addresses(count: number): readonly Address[] {
  return Array.from({ length: count }, (_, index) => addressOf(index));
}

export function addressOf(index: number): Address {
  const id = String.fromCharCode(97 + index);
  return Address.parse(`${id}@${id}:7000`);
}

/** One life of a process that holds registers. */
class RegisterProcess {
  readonly client: Probe<ReadReturn | WriteReturn | Abandoned, Read | Write | Abandon | Admit>;

  constructor(readonly process: Process<ReadImposeWriteConsultMajority | ReadImposeWriteMajority>) {
    this.client = process.clientOf(process.component.register);
  }

  get self(): Address {
    return this.process.self;
  }

  /** A figure of this process, over all labels. */
  count(name: string): number {
    const counters = this.process.system.counters().filter((counter) => counter.name === name);
    return counters.reduce((sum, counter) => sum + counter.value, 0);
  }
}

/** Processes over one virtual wire, with the messages in the hands of the test. */
export class RegisterProcesses {
  readonly wire: VirtualWire;
  readonly host: VirtualHost;
  readonly group: readonly Address[];
  readonly processes: RegisterProcess[] = [];
  readonly #processes: Processes;

  constructor(
    readonly algorithm: Algorithm,
    count: number,
    readonly seed = 'registers',
  ) {
    this.#processes = new Processes(seed);
    this.wire = this.#processes.wire;
    this.host = this.#processes.host;
    this.group = addresses(count);
    for (const self of this.group) this.#begin(self);
  }

  #begin(self: Address): void {
    const process = this.#processes.create(self, (system, network) => {
      const timer = system.create(HostTimer);
      const registers = system.create(this.algorithm, { self });
      network.network.connect(registers.network);
      timer.timer.connect(registers.timer);
      return registers;
    });
    this.processes.push(new RegisterProcess(process));
    this.#processes.start();
  }

  get random(): Random {
    return new System('chance', { seed: this.seed }).create(Chance).random;
  }

  /** The address of the process with this name: a, b, c and so on. */
  address(name: string): Address {
    const address = this.group.find((process) => process.startsWith(name));
    invariant(address !== undefined, `there is no process ${name}`);
    return address;
  }

  /** The process with this name. */
  at(name: string): RegisterProcess {
    const process = this.processes.find(({ self }) => self.startsWith(name));
    invariant(process !== undefined, `there is no process ${name}`);
    return process;
  }

  write(name: string, value: string, register = 'x'): Write {
    const write = new Write(register, Buffer.from(value), this.group);
    this.at(name).client.trigger(write);
    return write;
  }

  read(name: string, register = 'x'): Read {
    const read = new Read(register, this.group);
    this.at(name).client.trigger(read);
    return read;
  }

  /** From now on the process `name` serves those alone which are named in `admitted`. */
  admit(name: string, admitted: string): void {
    const processes = Array.from(admitted, (other) => this.address(other));
    this.at(name).client.trigger(new Admit(processes));
  }

  /** What `name` was answered since the last call: the value of a read as text, or what happened. */
  answers(name: string): readonly (string | undefined)[] {
    return this.at(name)
      .client.take()
      .map((answer) => {
        if (!('value' in answer)) return answer.type;
        return answer.value && Buffer.from(answer.value).toString();
      });
  }

  /** From now on messages travel only as the test says. */
  takeInHand(): void {
    this.wire.rule(() => 'hold');
  }

  /** The messages of a kind on the wire between two processes. */
  held(kind: EventClass<Message>, from: string, to: string): readonly Envelope[] {
    return this.wire.held.filter(
      ({ message, source, destination }) =>
        message instanceof kind && source.startsWith(from) && destination.startsWith(to),
    );
  }

  /** The oldest of them, which must be there. */
  oldest(kind: EventClass<Message>, from: string, to: string): Envelope {
    const [envelope] = this.held(kind, from, to);
    invariant(envelope !== undefined, `no ${kind.name} is on its way from ${from} to ${to}`);
    return envelope;
  }

  deliver(kind: EventClass<Message>, from: string, to: string): void {
    this.wire.deliver(this.oldest(kind, from, to));
    this.settle();
  }

  /** Delivers all messages between processes named in `among`, with what follows from them. */
  exchange(among: string): void {
    const names = Array.from(among, (name) => `${name}@`);
    const isAmong = (process: Address): boolean => names.some((name) => process.startsWith(name));
    for (;;) {
      const next = this.wire.held.filter(
        ({ source, destination }) => isAmong(source) && isAmong(destination),
      );
      if (next.length === 0) return;
      for (const envelope of next) this.wire.deliver(envelope);
      this.settle();
    }
  }

  crash(name: string): void {
    const process = this.at(name);
    this.#processes.crash(process.process);
    this.processes.splice(this.processes.indexOf(process), 1);
  }

  settle(): void {
    this.#processes.settle();
  }

  advance(ms: number): void {
    this.#processes.advance(ms);
  }
}
