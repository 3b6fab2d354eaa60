import {
  System,
  VirtualHost,
  type Component,
  type ComponentClass,
  type PortType,
  type IndicationOf,
  type ProvidedPort,
  type RequestOf,
  type RequiredPort,
} from '@jbstore/core';

import { Probe } from './probe';

/**
 * Runs one component alone, in virtual time, with a {@link Probe} on each of its ports. The same inputs
 * give the same run: nothing happens but between a call of the harness and its return, and what a
 * handler throws is thrown by that call.
 */
export class Harness {
  readonly host = new VirtualHost();
  readonly system: System;
  readonly #faults: Error[] = [];

  /** @param seed - chance of the component under test follows from it */
  constructor(seed = 'harness') {
    this.system = new System('test', {
      seed,
      host: this.host,
      onFault: (fault) => this.#faults.push(fault),
    });
  }

  create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return this.system.create(type, ...init);
  }

  /** Stands in for a client of `port`. */
  clientOf<P extends PortType>(port: ProvidedPort<P>): Probe<IndicationOf<P>, RequestOf<P>> {
    return new Probe(this.system.clientOf(port), () => {
      this.settle();
    });
  }

  /** Stands in for the provider of `port`. */
  providerOf<P extends PortType>(port: RequiredPort<P>): Probe<RequestOf<P>, IndicationOf<P>> {
    return new Probe(this.system.providerOf(port), () => {
      this.settle();
    });
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
}
