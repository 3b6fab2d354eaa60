import {
  System,
  type ComponentFault,
  type Gauge,
  type IndicationOf,
  type PortEvent,
  type TraceEntry,
} from '@jbstore/core';
import type { View } from '@jbstore/gms/port';
import {
  parseAddress,
  type Address,
  type Message,
  type NetworkStatus,
  type ProcessId,
} from '@jbstore/network/port';

import { streamOf } from './chance';
import type { Lane } from './lane';
import type { Socket } from './simulated-network';
import type { Station } from './station';

/** What a process tells the world around it. */
export interface Surroundings {
  readonly seed: string;
  send(from: Station, message: Message): void;
  /** It begins to handle an event. */
  handles(process: SimulatedProcess, entry: TraceEntry): void;
  failed(process: SimulatedProcess, fault: ComponentFault): void;
}

/** What is caused by an event is mostly handled before so many others. */
const recentEvents = 1_024;

const ignore = (): void => undefined;

/** A process: a system of production components on a lane of its own. */
export class SimulatedProcess implements Station, Socket {
  readonly system: System;
  readonly id: ProcessId;
  readonly endpoint: string | undefined;
  alive = true;
  /** Events handled so far. */
  handled = 0;
  /** As its membership indicated it. */
  view: View | undefined;
  suspected: ReadonlySet<Address> = new Set();
  readonly #around: Surroundings;
  readonly #recent: { id: number; event: PortEvent }[] = [];
  #deliver: (message: Message) => void = ignore;
  #tell: (indication: IndicationOf<typeof NetworkStatus>) => void = ignore;

  /** @param lives - how many processes had this address before, as none of production has */
  constructor(
    readonly place: string,
    readonly self: Address,
    readonly clusterId: string,
    readonly lane: Lane,
    around: Surroundings,
    lives = 0,
  ) {
    const { id, host, port } = parseAddress(self);
    this.id = id ?? ('' as ProcessId);
    this.endpoint = host === undefined ? undefined : `${host}:${String(port)}`;
    this.#around = around;
    const name = lives === 0 ? self : `${self} ${String(lives + 1)}`;
    const turns = streamOf(around.seed, 'turns', name);
    this.system = new System(place, {
      seed: JSON.stringify([around.seed, name]),
      host: lane,
      fairness: { batchEvents: 1, sliceEvents: 1 },
      nextTurn: (ready) => (ready === 1 ? 0 : turns.int(ready)),
      onFault: (fault) => {
        around.failed(this, fault);
      },
    });
    this.system.trace.subscribe((entry) => {
      around.handles(this, entry);
    });
  }

  start(): void {
    this.system.start().catch(ignore);
  }

  /** Notes that the entry `id` of the trace is about `event`. */
  remember(id: number, event: PortEvent): void {
    this.#recent[id % recentEvents] = { id, event };
  }

  /** The event of the entry `id` of the trace, unless that was long ago. */
  recall(id: number | undefined): PortEvent | undefined {
    const found = this.#recent[(id ?? 0) % recentEvents];
    return found?.id === id ? found?.event : undefined;
  }

  /** Its live gauges with such names. */
  gauges(names: RegExp): readonly Gauge[] {
    return this.system
      .counters()
      .filter((figure) => figure.kind === 'gauge')
      .filter(({ name }) => names.test(name));
  }

  send(message: Message): void {
    this.#around.send(this, message);
  }

  open(
    deliver: (message: Message) => void,
    tell: (indication: IndicationOf<typeof NetworkStatus>) => void,
  ): void {
    this.#deliver = deliver;
    this.#tell = tell;
  }

  deliver(message: Message): void {
    this.#deliver(message);
  }

  tell(indication: IndicationOf<typeof NetworkStatus>): void {
    this.#tell(indication);
  }
}
