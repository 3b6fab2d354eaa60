import { System, VirtualHost, type Component } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';

import { Probe } from './probe';
import { VirtualNetwork } from './virtual-network';
import { VirtualWire } from './virtual-wire';
import type { IndicationOf, PortType, ProvidedPort, RequestOf } from '@jbstore/core';

/** One process: its system, and what the test put in it. */
export interface Process<C extends Component> {
  readonly self: Address;
  readonly system: System;
  readonly component: C;
  /** Stands in for a client of `port`, a provided port of this process. */
  clientOf<P extends PortType>(port: ProvidedPort<P>): Probe<IndicationOf<P>, RequestOf<P>>;
}

/**
 * Several processes in one virtual time, over one {@link VirtualWire}.
 *
 * @example
 * ```ts
 * const processes = new Processes('seed 1');
 * const p = processes.create(self, (system, network) => {
 *   const timer = system.create(HostTimer);
 *   const detector = system.create(IncreasingTimeout, { self });
 *   network.network.connect(detector.network);
 *   timer.timer.connect(detector.timer);
 *   return detector;
 * });
 * const epfd = p.clientOf(p.component.epfd);
 * processes.start();
 * processes.advance(1_000);
 * ```
 */
export class Processes {
  readonly host = new VirtualHost();
  readonly wire: VirtualWire;
  readonly seed: string;
  readonly #systems: System[] = [];
  readonly #faults: Error[] = [];

  constructor(seed = 'processes', latencyMs = 1) {
    this.seed = seed;
    this.wire = new VirtualWire(this.host, latencyMs);
  }

  /** Makes a process; one at the same host and port is dead from now on. It starts by {@link start}. */
  create<C extends Component>(
    self: Address,
    assemble: (system: System, network: VirtualNetwork) => C,
    options: { readonly clusterId?: string } = {},
  ): Process<C> {
    const system = new System(self, {
      seed: `${this.seed} ${self}`,
      host: this.host,
      onFault: (fault) => this.#faults.push(fault),
    });
    this.#systems.push(system);
    const network = system.create(VirtualNetwork, { wire: this.wire, self, ...options });
    const settle = (): void => {
      this.settle();
    };
    return {
      self,
      system,
      component: assemble(system, network),
      clientOf: (port) => new Probe(system.clientOf(port), settle),
    };
  }

  /** Starts every process that has not started. */
  start(): void {
    for (const system of this.#systems) system.start().catch(() => undefined);
    this.settle();
  }

  /** Ends a process at once, as SIGKILL does. */
  crash(process: Process<Component>): void {
    this.#systems.splice(this.#systems.indexOf(process.system), 1);
    this.wire.unplug(process.self);
    process.system.kill().catch(() => undefined);
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
