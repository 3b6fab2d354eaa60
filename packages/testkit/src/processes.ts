import {
  System,
  TreatedFault,
  VirtualHost,
  type Component,
  type Host,
  type IndicationOf,
  type PortType,
  type ProvidedPort,
  type RequestOf,
} from '@jbstore/core';
import { parseAddress, type Address } from '@jbstore/network/port';

import { Probe } from './probe';
import { Script } from './script';
import type { Stage } from './stage';
import { Tape } from './tape';
import { VirtualNetwork } from './virtual-network';
import { VirtualWire } from './virtual-wire';

/** One process: its system, and what the test put in it. */
export interface Process<C extends Component> {
  readonly self: Address;
  readonly system: System;
  readonly component: C;
  /** Stands in for a client of `port`, a provided port of this process. */
  clientOf<P extends PortType>(port: ProvidedPort<P>): Probe<IndicationOf<P>, RequestOf<P>>;
}

/** What is special about a process. */
export interface ProcessOptions {
  /** Processes of different clusters refuse one another. */
  readonly clusterId?: string;
  /** How far its clock is ahead of the time that passes for all. */
  readonly clockAheadMs?: number;
}

/**
 * Several processes in one virtual time, over one {@link VirtualWire}.
 *
 * @example
 * ```ts
 * import { Component } from '@jbstore/core';
 * import { Address, Network, message } from '@jbstore/network/port';
 * import { Processes } from '@jbstore/testkit';
 *
 * class Hello extends message('hall/Hello', {}) {}
 *
 * class Greeter extends Component {
 *   readonly network = this.requires(Network);
 * }
 *
 * const processes = new Processes('seed 1');
 * const p = Address.parse('p@host:1');
 * const q = Address.parse('q@host:2');
 * const greeter = processes.create(p, (system, network) => {
 *   const component = system.create(Greeter);
 *   network.network.connect(component.network);
 *   return component;
 * });
 * const friend = processes.create(q, (_system, network) => network);
 * const friends = friend.clientOf(friend.component.network);
 * processes.start();
 * greeter.component.network.next(new Hello(q, {}));
 * processes.advance(1);
 * friends.takeOne(Hello);
 * ```
 */
export class Processes implements Stage {
  readonly host = new VirtualHost();
  readonly tape = new Tape(this.host);
  readonly wire: VirtualWire;
  readonly seed: string;
  readonly #living: Process<Component>[] = [];
  readonly #lives = new Map<Address, number>();
  readonly #faults: Error[] = [];

  constructor(seed = 'processes', latencyMs = 1) {
    this.seed = seed;
    this.wire = new VirtualWire(this.host, latencyMs);
  }

  /**
   * Makes a process; one at the same host and port is dead from now on. It starts by {@link start}.
   * Chance differs from life to life of the same address.
   */
  create<C extends Component>(
    self: Address,
    assemble: (system: System, network: VirtualNetwork) => C,
    { clockAheadMs = 0, ...options }: ProcessOptions = {},
  ): Process<C> {
    for (const former of this.#living.filter((other) => isSamePlace(other.self, self))) {
      this.crash(former);
    }
    const life = (this.#lives.get(self) ?? 0) + 1;
    this.#lives.set(self, life);
    const system = new System(self, {
      seed: `${this.seed} ${self} ${String(life)}`,
      host: clockAheadMs === 0 ? this.host : ahead(this.host, clockAheadMs),
      onFault: (fault) => {
        const stop = new TreatedFault(fault, self, 'stop');
        if (!this.tape.recordFault(stop)) this.#faults.push(fault);
      },
    });
    this.tape.observeFaults(system);
    const network = system.create(VirtualNetwork, { wire: this.wire, self, ...options });
    const { tape } = this;
    const settle = (): void => {
      this.settle();
    };
    const process: Process<C> = {
      self,
      system,
      component: assemble(system, network),
      clientOf: (port) => new Probe(port.name, system.clientOf(port), { system, tape, settle }),
    };
    this.#living.push(process);
    return process;
  }

  /** Starts every process that has not started. */
  start(): void {
    for (const { system } of this.#living) system.start().catch(() => undefined);
    this.settle();
  }

  /** Ends a process at once, as SIGKILL does; what it has sent is still on its way. */
  crash(process: Process<Component>): void {
    const index = this.#living.indexOf(process);
    if (index < 0) return;
    this.#living.splice(index, 1);
    process.system.kill().catch(() => undefined);
  }

  /** A script for what is to happen at the ports observed so far, to be written and run. */
  script(): Script {
    return new Script(this);
  }

  /** Handles every pending event, without letting time pass. */
  settle(): void {
    this.advance(0);
  }

  /** Lets `ms` milliseconds pass for all. What a handler throws is thrown here. */
  advance(ms: number): void {
    this.host.advance(ms);
    const [fault] = this.#faults.splice(0);
    if (fault) throw fault;
  }
}

/** True if one process cannot live beside the other. */
function isSamePlace(one: Address, other: Address): boolean {
  const [first, second] = [parseAddress(one), parseAddress(other)];
  if (first.host === undefined) return one === other;
  return first.host === second.host && first.port === second.port;
}

function ahead(host: Host, aheadMs: number): Host {
  return {
    now: () => host.now() + aheadMs,
    wallTimeMs: () => host.wallTimeMs() + aheadMs,
    after: (delayMs, task) => host.after(delayMs, task),
    soon: (task) => {
      host.soon(task);
    },
    afterIo: (task) => {
      host.afterIo(task);
    },
  };
}
