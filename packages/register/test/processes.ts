import {
  Component,
  System,
  VirtualHost,
  invariant,
  type ComponentClass,
  type Context,
  type EventClass,
  type Random,
} from '@jbstore/core';
import { Address, type Message } from '@jbstore/network/port';
import {
  type ReadImposeWriteConsultMajority,
  type ReadImposeWriteMajority,
  type RegisterInit,
} from '@jbstore/register';
import {
  Read,
  Write,
  type Abandon,
  type Abandoned,
  type ReadReturn,
  type WriteReturn,
} from '@jbstore/register/port';
import { Probe, VirtualNetwork, VirtualWire, type Envelope } from '@jbstore/testkit';
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
export class RegisterProcess {
  readonly system: System;
  readonly registers: ReadImposeWriteConsultMajority | ReadImposeWriteMajority;
  readonly client: Probe<ReadReturn | WriteReturn | Abandoned, Read | Write | Abandon>;

  constructor(
    readonly world: RegisterProcesses,
    readonly self: Address,
    { life = 1, clockAheadMs = 0 } = {},
  ) {
    const { host, wire } = world;
    this.system = new System(self, {
      seed: `${world.seed} ${self} ${life}`,
      host: {
        now: () => host.now() + clockAheadMs,
        after: (delayMs, task) => host.after(delayMs, task),
        soon: (task) => {
          host.soon(task);
        },
        afterIo: (task) => {
          host.afterIo(task);
        },
      },
      onFault: (fault) => world.faults.push(fault),
    });
    const network = this.system.create(VirtualNetwork, { wire, self });
    const timer = this.system.create(HostTimer);
    this.registers = this.system.create(world.algorithm, { self });
    network.network.connect(this.registers.network);
    timer.timer.connect(this.registers.timer);
    this.client = new Probe(this.system.clientOf(this.registers.register), () => {
      world.settle();
    });
    this.system.start().catch(() => undefined);
    world.settle();
  }

  /** A figure of this process, over all labels. */
  count(name: string): number {
    const counters = this.system.counters().filter((counter) => counter.name === name);
    return counters.reduce((sum, counter) => sum + counter.value, 0);
  }
}

/** Processes over one virtual wire, with the messages in the hands of the test. */
export class RegisterProcesses {
  readonly host = new VirtualHost();
  readonly wire = new VirtualWire(this.host);
  readonly faults: Error[] = [];
  readonly group: readonly Address[];
  readonly processes: RegisterProcess[];

  constructor(
    readonly algorithm: Algorithm,
    count: number,
    readonly seed = 'registers',
  ) {
    this.group = addresses(count);
    this.processes = this.group.map((self) => new RegisterProcess(this, self));
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
    this.wire.unplug(process.self);
    this.processes.splice(this.processes.indexOf(process), 1);
    process.system.kill().catch(() => undefined);
  }

  settle(): void {
    this.advance(0);
  }

  advance(ms: number): void {
    this.host.advance(ms);
    const [fault] = this.faults.splice(0);
    if (fault) throw fault;
  }
}
