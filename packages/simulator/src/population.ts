import {
  BootTimedOut,
  Evicted,
  JoinRefused,
  NewView,
  SlotSettled,
  SuspicionsChanged,
  epochOf,
  type Membership,
  type View,
} from '@jbstore/gms/port';
import type { ProvidedPort } from '@jbstore/core';
import { ProcessId, address, type Address } from '@jbstore/network/port';

import { SimulatedClient, SimulatedNode, SimulatedOperator } from './assembly';
import type { Calendar } from './calendar';
import { streamOf } from './chance';
import { Customer, type Market } from './customer';
import type { Places } from './incidents';
import { Health } from './health';
import { Operator } from './operator';
import type { ChangeAction, OperationAction, Settings } from './plan';
import type { Scenario } from './scenario';
import { SlotLines } from './slot-lines';
import { SimulatedProcess, type Surroundings } from './simulated-process';
import type { Wire } from './wire';

const clusterId = 'simulated';
const host = '10.0.0.1';
const firstPort = 7100;
const guestPorts: ReadonlyMap<string, number> = new Map([
  ['x', 7900],
  ['y', 7950],
]);

/** Where members may come later. */
const furtherPlaces = ['y0', 'y1', 'y2'];

/** How long who joins waits for one who does not answer, where another may be asked then. */
const bootTimeoutMs = 5_000;
/** How soon another process begins where one has ended by itself. */
const againMs = 1_000;

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
  readonly operator: Operator;
  /** In which epoch each slot is known to be settled. */
  readonly settled = new Map<number, number>();
  readonly lines = new SlotLines();
  /** Some process has a view. */
  #founded = false;
  readonly #grounds: Grounds;
  readonly #living = new Map<string, SimulatedProcess>();
  readonly #byAddress = new Map<string, SimulatedProcess>();
  readonly #lives = new Map<string, number>();

  constructor(grounds: Grounds) {
    this.#grounds = grounds;
    const { calendar } = grounds;
    this.operator = new Operator({
      calendar,
      endpointOf,
      begin: (place) => {
        this.begin(place);
      },
      hasLeft: (place) => this.#hasLeft(place),
      era: () => this.newestView?.era ?? 0,
      dead: () => this.#dead(),
      isBereft: () => this.#isBereft(),
    });
  }

  /** The latest that a living member has. */
  get newestView(): View | undefined {
    let newest: View | undefined;
    for (const { view } of this.living) {
      if (view && (!newest || epochOf(view) > epochOf(newest))) newest = view;
    }
    return newest;
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

  /** Begins a process at `place`, where none is: a node at n…, a client at c…, a stranger at x…, a newcomer at y…, an operator at o…. */
  begin(place: string, identity: 'new' | 'same' = 'new'): void {
    if (this.#living.has(place)) return;
    const life = (this.#lives.get(place) ?? 0) + (identity === 'new' ? 1 : 0);
    this.#lives.set(place, life);
    const name = life <= 1 ? place : `${place}.${String(life)}`;
    const id = ProcessId.parse(name);
    if (place.startsWith('c')) this.#beginClient(place, address({ id }));
    else if (place.startsWith('o')) this.#beginOperator(place, address({ id }));
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

  change(action: ChangeAction): void {
    this.begin('o0');
    this.operator.change(action);
  }

  #dead(): readonly string[] {
    const members = this.newestView?.members ?? [];
    const dead = members.filter(({ address: self }) => this.withAddress(self)?.alive !== true);
    return [...new Set(dead.map(({ address: self }) => self.slice(self.indexOf('@') + 1)))];
  }

  #isBereft(): boolean {
    const view = this.newestView;
    if (!view) return false;
    const health = new Health(view, this);
    return !health.isGoverned || !health.isWhole;
  }

  #hasLeft(place: string): boolean {
    const members = this.newestView?.members ?? [];
    return !members.some(
      ({ address: self, state }) => state === 'active' && self.endsWith(`@${endpointOf(place)}`),
    );
  }

  /** Who asks at `place`. */
  #customerAt(place: string): Customer {
    let customer = this.customers.get(place);
    if (!customer) this.customers.set(place, (customer = new Customer(this.#grounds.market)));
    return customer;
  }

  #beginNode(place: string, self: Address): void {
    const { scenario, settings } = this.#grounds;
    const { nodes, replication, register, changes } = scenario;
    const isStranger = place.startsWith('x');
    const process = this.#process(place, self, isStranger ? 'another' : clusterId);
    const contact = this.#contactOf(process);
    const role = contact === undefined ? ('first' as const) : { join: contact };
    const membership = { self, role, clusterId: process.clusterId, nodes, replication, register };
    const { system } = process;
    const node = system.create(SimulatedNode, process, {
      tickMs: 2 * settings.tickMs,
      ...changes?.collecting,
      epfd: { initialDelayMs: settings.heartbeatDelayMs, deltaMs: settings.heartbeatIncreaseMs },
      membership: changes ? { ...membership, bootTimeoutMs } : membership,
      reconfiguration: changes ? { ...changes, ...changes.collecting } : { keepsFirstView: true },
    });
    this.#follow(process, node.membership);
    process.start();
  }

  #beginClient(place: string, self: Address): void {
    const { attemptMs, timeoutMs, tickMs } = this.#grounds.settings;
    const process = this.#process(place, self, clusterId);
    const { jb } = process.system.create(SimulatedClient, process, {
      follower: { contacts: this.#contacts() },
      frontEnd: { attemptMs, timeoutMs, tickMs, glances: readsItself(place) },
    });
    process.start();
    this.#customerAt(place).enter(process, jb);
  }

  #beginOperator(place: string, self: Address): void {
    const process = this.#process(place, self, clusterId);
    const { system } = process;
    const contacts = this.#contacts();
    const { administration } = system.create(SimulatedOperator, process, { contacts });
    process.start();
    this.operator.enter(process, administration);
  }

  /** Whom this node asks to be taken in; undefined if it is the one that gathers the others. */
  #contactOf({ place, id }: SimulatedProcess): Address | undefined {
    if (!this.#grounds.scenario.changes || !this.#founded) {
      return place === 'n0' ? undefined : contactAt('n0');
    }
    const members = this.living.filter((other) => other.view && other.place !== place);
    const random = streamOf(this.#grounds.around.seed, 'contact', id);
    const other = place === 'n0' ? 'n1' : 'n0';
    return contactAt(members.length > 0 ? random.pick(members).place : other);
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

  /** A node that is refused, or evicted, ends, as one of production does; then there is another one, perhaps. */
  #follow(process: SimulatedProcess, provided: ProvidedPort<typeof Membership>): void {
    const membership = process.system.clientOf(provided);
    const end = (): void => {
      const { place } = process;
      if (this.at(place) !== process) return;
      this.end(place);
      if (!this.#grounds.scenario.changes || place.startsWith('x')) return;
      this.#grounds.calendar.world.after(againMs, () => {
        if (!this.operator.wantsAway(place)) this.begin(place);
      });
    };
    membership.upon(NewView, ({ view }) => {
      if (process.view) this.#grounds.market.sometimes('a view changed');
      if (process.view && view.era > process.view.era) {
        this.#grounds.market.sometimes('another era began');
      }
      process.view = view;
      this.lines.learn(view);
      this.#founded = true;
    });
    membership.upon(SuspicionsChanged, ({ suspected }) => {
      process.suspected = new Set(suspected);
    });
    membership.upon(SlotSettled, ({ slot, epoch }) => {
      this.settled.set(slot, Math.max(epoch, this.settled.get(slot) ?? 0));
    });
    membership.upon(Evicted, () => {
      const own = process.view?.members.find(({ address: member }) => member === process.self);
      const left = own?.state === 'leaving';
      this.#grounds.market.sometimes(left ? 'a member left' : 'a living member was evicted');
      end();
    });
    membership.upon(JoinRefused, end);
    membership.upon(BootTimedOut, end);
  }

  #contacts(): Address[] {
    const { nodes, changes } = this.#grounds.scenario;
    const places = Array.from({ length: nodes }, (_, index) => `n${String(index)}`);
    return [...places, ...(changes ? furtherPlaces : [])].map(contactAt);
  }
}

/** Every other client has members read for it, so that both ways are tried. */
function readsItself(place: string): boolean {
  return Number(place.slice(1)) % 2 === 0;
}

function contactAt(place: string): Address {
  return address({ host, port: portOf(place) });
}

function endpointOf(place: string): string {
  return `${host}:${String(portOf(place))}`;
}

function portOf(place: string): number {
  return (guestPorts.get(place.charAt(0)) ?? firstPort) + Number(place.slice(1));
}
