import type { ComponentFault, TraceEntry } from '@jbstore/core';
import { positionOf, slotOf } from '@jbstore/gms/port';
import { Recorder, type Operation, type RecordedClient } from '@jbstore/linearizability';
import type { Message } from '@jbstore/network/port';

import { Calendar } from './calendar';
import { streamOf } from './chance';
import type { Market } from './customer';
import { castOf } from './draw-plan';
import { Duties } from './duties';
import { Incidents } from './incidents';
import type { Invariant, InvariantFactory, Step, World } from './invariant';
import type { Copy } from './link';
import type { Observer, Sending } from './observer';
import type { FaultCounts, OperationCounts, Outcome, RunFailure } from './outcome';
import type { Plan } from './plan';
import { Population } from './population';
import { probesOf, probesWith, type ProbeName } from './probes';
import type { Scenario } from './scenario';
import { Sightings } from './sightings';
import type { SimulatedProcess, Surroundings } from './simulated-process';
import type { Station } from './station';
import { TraceHash } from './trace-hash';
import { flawOfHistory } from './verdict';
import { Wire, type Witness } from './wire';

/** Whether all is done is looked at once in so many tasks. */
const tasksPerLook = 32;

/** What the copies of a message count as. */
const countedAs = {
  overtaken: 'reordering',
  doubled: 'duplication',
  replayed: 'replay',
  'in order': undefined,
} as const;

/** A run of a scenario, from the beginning to its {@link Outcome}. */
export class Run implements World, Market, Surroundings, Witness {
  readonly #history: Operation[] = [];
  readonly #recorder = new Recorder({
    now: () => Math.round(this.nowMs * 1_000),
    record: (operation) => {
      // What surely was not performed is not there: a get that finds its value proves the contrary. A cas that
      // failed has seen that something else was there.
      if (operation.status === 'fail' && operation.op !== 'cas') return;
      this.#history.push(operation);
      if (this.#era > 0) this.#eras.set(operation, this.#era);
    },
  });
  /** Of which era operations were answered, but those of the first one. */
  readonly #eras = new Map<Operation, number>();
  /** Of the answer that is being recorded. */
  #era = 0;
  readonly operations: OperationCounts = { ok: 0, unavailable: 0, unknown: 0 };
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #calendar: Calendar;
  readonly #wire: Wire;
  readonly #population: Population;
  readonly #incidents: Incidents;
  readonly #duties: Duties;
  readonly #invariants: readonly Invariant[];
  readonly #hash = new TraceHash();
  readonly #faults = new Map<keyof FaultCounts, number>();
  readonly #sightings = new Sightings();
  #step: (Step & { readonly sent: Message[] }) | undefined;
  #events = 0;
  #healed = false;
  #unknown = false;
  #failure: RunFailure | undefined;

  constructor(
    scenario: Scenario,
    readonly seed: string,
    plan: Plan,
    factories: readonly InvariantFactory[],
    readonly observer: Observer | undefined,
  ) {
    this.#scenario = scenario;
    this.#plan = plan;
    const { order, latency, rates, settings } = plan;
    const { register } = scenario;
    this.#calendar = new Calendar(order, streamOf(seed, 'calendar'));
    this.#wire = new Wire(this.#calendar, { seed, latency, rates, register }, this);
    this.#population = new Population({
      scenario,
      settings,
      calendar: this.#calendar,
      wire: this.#wire,
      around: this,
      market: this,
    });
    this.#duties = new Duties(scenario, this.#population);
    this.#incidents = new Incidents(this.#calendar, this.#wire, this.#population, {
      done: (kind) => {
        this.#count(kind);
      },
      dies: (process) => {
        this.#sightings.dies(process);
      },
    });
    this.#invariants = factories.map((make) => make());
    observer?.watch(this);
  }

  get nowMs(): number {
    return this.#calendar.nowMs;
  }

  get processes(): readonly SimulatedProcess[] {
    return this.#population.all;
  }

  processAt(address: string): SimulatedProcess | undefined {
    return this.#population.withAddress(address);
  }

  get clients(): number {
    return this.#scenario.clients;
  }

  sometimes(probe: ProbeName): void {
    this.#sightings.sometimes(probe);
  }

  answers(era: number, tell: () => void): void {
    this.#era = era;
    tell();
    this.#era = 0;
  }

  client(): RecordedClient {
    return this.#recorder.client();
  }

  demanded(key: string): boolean {
    return this.#healed && this.#duties.includes(key);
  }

  /** Runs all of it. */
  outcome(): Outcome {
    const { nodes, clients } = castOf(this.#scenario);
    for (const place of [...nodes, ...clients]) this.#population.begin(place);
    this.#incidents.schedule(this.#plan.actions);
    this.#calendar.world.at(this.#plan.healAtMs, () => {
      this.#healed = true;
      this.#incidents.heal();
    });
    this.#go();
    for (const customer of this.#population.customers.values()) customer.close();
    this.#check();
    return this.#told();
  }

  #check(): void {
    const flaw = flawOfHistory(this.#history, (operation) => this.#lineOf(operation));
    if (flaw === 'unknown') this.#unknown = true;
    else if (flaw) this.#fail(flaw.kind, flaw.what);
  }

  #lineOf(operation: Operation): number {
    const era = this.#eras.get(operation);
    const view = this.#population.newestView;
    if (era === undefined || !view || !('key' in operation)) return 0;
    const slot = slotOf(view, positionOf(Buffer.from(operation.key ?? '', 'latin1')));
    return this.#population.lines.forcesUntil(slot, era);
  }

  #go(): void {
    const { deadlineMs } = this.#plan;
    const lastMs = Math.max(this.#plan.healAtMs, ...this.#plan.actions.map(({ atMs }) => atMs));
    while (!this.#failure) {
      if (!this.#goOn(deadlineMs)) {
        this.#fail('stuck', this.#duties.left.join('; '));
        return;
      }
      if (this.#calendar.livelocked) this.#fail('stuck', 'time stands still: events make events');
      if (this.#calendar.tasks % tasksPerLook === 0 && this.nowMs > lastMs && this.#duties.done) {
        return;
      }
    }
  }

  /** One task. What it throws, outside of any component, is a failure of the run as well. */
  #goOn(deadlineMs: number): boolean {
    try {
      const going = this.#calendar.step(deadlineMs) !== undefined;
      this.#endStep();
      return going;
    } catch (error) {
      this.#fail('fault', `the simulation: ${reasonOf(error)}`);
      return true;
    }
  }

  // What the processes tell:

  handles(process: SimulatedProcess, { id, cause, event, port }: TraceEntry): void {
    this.#endStep();
    this.#events += 1;
    process.handled += 1;
    const { nowMs } = this.#calendar;
    this.#hash.number(nowMs);
    this.#hash.name(port);
    this.#hash.event(event);
    process.remember(id, event);
    this.#step = { process, event, port, cause: process.recall(cause), atMs: nowMs, sent: [] };
  }

  failed(process: SimulatedProcess, { component, cause }: ComponentFault): void {
    this.#fail('fault', `${component} of ${process.self}: ${reasonOf(cause)}`);
  }

  send(from: Station, message: Message): void {
    this.#step?.sent.push(message);
    this.#sightings.sent(from, message);
    this.#wire.send(from, message);
  }

  // What the wire tells:

  sent(sending: Sending, bytes: Uint8Array, copies: readonly Copy[]): void {
    this.observer?.sent(sending, bytes.byteLength);
    this.#hash.bytes(bytes);
    for (const { atMs, kind } of copies) {
      this.#hash.number(atMs);
      const counted = countedAs[kind];
      if (counted) this.#count(counted);
    }
    if (copies.length === 0) this.#count('loss');
  }

  arrived(sending: Sending, kind: Copy['kind']): void {
    this.observer?.arrived(sending, kind);
    const isFromTheDead = this.processAt(sending.from.self)?.alive !== true;
    this.#sightings.arrived(kind, this.nowMs - sending.atMs, isFromTheDead);
  }

  #endStep(): void {
    const step = this.#step;
    if (!step) return;
    this.#step = undefined;
    this.observer?.handled(step);
    for (const invariant of this.#invariants) {
      const flaw = invariant.check(this, step);
      if (flaw !== undefined) this.#fail('invariant', `${invariant.name}: ${flaw}`);
    }
    this.#incidents.handled(step.process);
  }

  #fail(kind: RunFailure['kind'], what: string): void {
    this.#failure ??= { kind, what, atMs: this.nowMs };
  }

  #count(kind: keyof FaultCounts): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
  }

  #told(): Outcome {
    const { register, changes, demanded = [] } = this.#scenario;
    const watched = new Set([...probesWith(register, changes !== undefined), ...demanded]);
    return {
      scenario: this.#scenario.name,
      seed: this.seed,
      verdict: this.#failure ? 'failed' : this.#unknown ? 'unknown' : 'passed',
      failure: this.#failure,
      traceHash: this.#hash.hex,
      events: this.#events,
      virtualMs: this.nowMs,
      operations: this.operations,
      faults: Object.fromEntries(this.#faults),
      probes: probesOf([...watched], this.#sightings.counts, this.processes),
      history: this.#history,
      plan: this.#plan,
    };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
