import {
  System,
  TreatedFault,
  VirtualHost,
  type Component,
  type ComponentClass,
  type PortType,
  type IndicationOf,
  type ProvidedPort,
  type RequestOf,
  type RequiredPort,
} from '@jbstore/core';

import { Probe, type ProbeInit } from './probe';
import { Relay } from './relay';
import { Script } from './script';
import type { Stage } from './stage';
import { Tape } from './tape';

/**
 * Runs one component alone, in virtual time, with a {@link Probe} on each of its ports. The same inputs
 * give the same run: nothing happens but between a call of the harness and its return, and what a
 * handler throws is thrown by that call.
 */
export class Harness implements Stage {
  readonly host = new VirtualHost();
  readonly system: System;
  readonly tape = new Tape(this.host);
  readonly #faults: Error[] = [];

  /** @param seed - chance of the component under test follows from it */
  constructor(seed = 'harness') {
    this.system = new System('test', {
      seed,
      host: this.host,
      onFault: (fault) => {
        const stop = new TreatedFault(fault, 'test', 'stop');
        if (!this.tape.recordFault(stop)) this.#faults.push(fault);
      },
    });
    this.tape.observeFaults(this.system);
  }

  create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return this.system.create(type, ...init);
  }

  /** Stands in for a client of `port`. */
  clientOf<P extends PortType>(port: ProvidedPort<P>): Probe<IndicationOf<P>, RequestOf<P>> {
    return new Probe(port.name, this.system.clientOf(port), this.#probeInit);
  }

  /** Stands in for the provider of `port`. */
  providerOf<P extends PortType>(port: RequiredPort<P>): Probe<RequestOf<P>, IndicationOf<P>> {
    return new Probe(port.name, this.system.providerOf(port), this.#probeInit);
  }

  /** Connects the two ports, so that a test sees what passes, and a script can drop it. */
  between<P extends PortType>(provided: ProvidedPort<P>, required: RequiredPort<P>): Relay<P> {
    return new Relay(this.system, this.tape, provided, required);
  }

  /** A script for what is to happen at the ports observed so far, to be written and run. */
  script(): Script {
    return new Script(this);
  }

  start(): void {
    this.system.start().catch(() => undefined); // A fault is thrown by settle, below.
    this.settle();
  }

  stop(): void {
    this.system.stop().catch(() => undefined);
    this.settle();
  }

  /** Handles every pending event, without letting time pass. */
  settle(): void {
    this.advance(0);
  }

  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    this.host.advance(ms);
    const [fault] = this.#faults.splice(0);
    if (fault) throw fault;
  }

  get #probeInit(): ProbeInit {
    const { system, tape } = this;
    const settle = (): void => {
      this.settle();
    };
    return { system, tape, settle };
  }
}
