import {
  BootTimedOut,
  JoinRefused,
  NewView,
  SuspicionsChanged,
  type Membership,
} from '@jbstore/gms/port';
import type { ProvidedPort } from '@jbstore/core';
import { ProcessId, address, type Address } from '@jbstore/network/port';

import { SimulatedClient, SimulatedNode } from './assembly';
import type { Calendar } from './calendar';
import { Customer, type Market } from './customer';
import type { Places } from './incidents';
import type { OperationAction, Settings } from './plan';
import type { Scenario } from './scenario';
import { SimulatedProcess, type Surroundings } from './simulated-process';
import type { Wire } from './wire';

const clusterId = 'simulated';
const host = '10.0.0.1';
const firstPort = 7100;
const guestPorts: ReadonlyMap<string, number> = new Map([
  ['x', 7900],
  ['y', 7950],
]);

/** What a population is made of. */
export interface Grounds {
  readonly scenario: Scenario;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly wire: Wire;
  readonly around: Surroundings;
  readonly market: Market;
}

/** All processes of a run: who is at which place, and who was. */
export class Population implements Places {
  readonly all: SimulatedProcess[] = [];
  readonly customers = new Map<string, Customer>();
  readonly #grounds: Grounds;
  readonly #living = new Map<string, SimulatedProcess>();
  readonly #byAddress = new Map<string, SimulatedProcess>();
  readonly #lives = new Map<string, number>();

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
  }

  at(place: string): SimulatedProcess | undefined {
    return this.#living.get(place);
  }

  withAddress(self: string): SimulatedProcess | undefined {
    return this.#byAddress.get(self);
  }

  get living(): readonly SimulatedProcess[] {
    return [...this.#living.values()];
  }

  /** Begins a process at `place`, where none is: a node at n…, a client at c…, a stranger at x…, a newcomer at y…. */
  begin(place: string, identity: 'new' | 'same' = 'new'): void {
    if (this.#living.has(place)) return;
    const life = (this.#lives.get(place) ?? 0) + (identity === 'new' ? 1 : 0);
    this.#lives.set(place, life);
    const name = life <= 1 ? place : `${place}.${String(life)}`;
    const id = ProcessId.parse(name);
    if (place.startsWith('c')) this.#beginClient(place, address({ id }));
    else this.#beginNode(place, address({ id, host, port: portOf(place) }));
  }

  /** The process at `place`, if there is one, ends at once, as SIGKILL does it. */
  end(place: string): void {
    const process = this.#living.get(place);
    if (!process) return;
    process.alive = false;
    this.#living.delete(place);
    this.#grounds.market.observer?.ends(process);
    this.#grounds.wire.unplug(process);
    this.#grounds.calendar.remove(process.lane);
    this.customers.get(place)?.leave();
  }

  get askers(): Iterable<string> {
    return this.customers.keys();
  }

  ask(action: OperationAction): void {
    this.#customerAt(action.client).ask(action);
  }

  /** Who asks at `place`. */
  #customerAt(place: string): Customer {
    let customer = this.customers.get(place);
    if (!customer) this.customers.set(place, (customer = new Customer(this.#grounds.market)));
    return customer;
  }

  #beginNode(place: string, self: Address): void {
    const { scenario, settings } = this.#grounds;
    const { nodes, replication, register } = scenario;
    const isStranger = place.startsWith('x');
    const process = this.#process(place, self, isStranger ? 'another' : clusterId);
    const role = place === 'n0' ? ('first' as const) : { join: contact };
    const { system } = process;
    const { membership } = system.create(SimulatedNode, process, {
      tickMs: 2 * settings.tickMs,
      epfd: { initialDelayMs: settings.heartbeatDelayMs, deltaMs: settings.heartbeatIncreaseMs },
      membership: { self, role, clusterId: process.clusterId, nodes, replication, register },
    });
    this.#follow(process, membership);
    process.start();
  }

  #beginClient(place: string, self: Address): void {
    const { attemptMs, timeoutMs, tickMs } = this.#grounds.settings;
    const process = this.#process(place, self, clusterId);
    const { jb } = process.system.create(SimulatedClient, process, {
      follower: { contacts: this.#contacts() },
      frontEnd: { attemptMs, timeoutMs, tickMs },
    });
    process.start();
    this.#customerAt(place).enter(process, jb);
  }

  #process(place: string, self: Address, cluster: string): SimulatedProcess {
    const { calendar, wire, around, market } = this.#grounds;
    const lives = this.all.filter((other) => other.self === self).length;
    const lane = calendar.lane(place);
    const process = new SimulatedProcess(place, self, cluster, lane, around, lives);
    this.all.push(process);
    this.#living.set(place, process);
    this.#byAddress.set(self, process);
    wire.plug(process);
    market.observer?.begins(process);
    return process;
  }

  /** A node that is refused ends, as one of production does. */
  #follow(process: SimulatedProcess, provided: ProvidedPort<typeof Membership>): void {
    const membership = process.system.clientOf(provided);
    const end = (): void => {
      if (this.at(process.place) === process) this.end(process.place);
    };
    membership.upon(NewView, ({ view }) => {
      process.view = view;
    });
    membership.upon(SuspicionsChanged, ({ suspected }) => {
      process.suspected = new Set(suspected);
    });
    membership.upon(JoinRefused, end);
    membership.upon(BootTimedOut, end);
  }

  #contacts(): Address[] {
    const { nodes } = this.#grounds.scenario;
    return Array.from({ length: nodes }, (_, index) => address({ host, port: firstPort + index }));
  }
}

const contact = address({ host, port: firstPort });

function portOf(place: string): number {
  return (guestPorts.get(place.charAt(0)) ?? firstPort) + Number(place.slice(1));
}
