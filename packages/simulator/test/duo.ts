import { Component, Random, Start, type Context, type PortEvent } from '@jbstore/core';
import {
  Network,
  NetworkStatus,
  ProcessId,
  address,
  message,
  type Address,
} from '@jbstore/network/port';
import { HostTimer } from '@jbstore/timer';
import { SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { Calendar } from '../src/calendar';
import { Incidents, type Places } from '../src/incidents';
import type { Action, Direction, FaultKind, Latency, MessageRates } from '../src/plan';
import { SimulatedNetwork } from '../src/simulated-network';
import { SimulatedProcess } from '../src/simulated-process';
import { Wire } from '../src/wire';

/** As a heartbeat is, so that a wrong suspicion holds it back. */
class Beat extends message('epfd/TestBeat', { number: z.int() }) {}
class Note extends message('test/SimulatedNote', { number: z.int() }) {}

const periodMs = 10;

class Tick extends Timeout {}

/** Every 10 ms of its clock: sends a note and a beat to the other one, and notes when that was. */
class Writer extends Component {
  readonly network = this.requires(Network);
  readonly status = this.requires(NetworkStatus);
  readonly timer = this.requires(Timer);

  constructor(context: Context, to: Address, diary: Diary) {
    super(context);
    let number = 0;
    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(periodMs, new Tick()));
    });
    this.timer.upon(Tick, () => {
      diary.ticks.push(context.host.now());
      number += 1;
      this.network.next(new Note(to, { number }));
      this.network.next(new Beat(to, { number }));
    });
    this.network.upon(Note, (note) => diary.notes.push(note.number));
    this.network.upon(Beat, (beat) => diary.beats.push(beat.number));
    this.status.subscribe((indication) => diary.told.push(indication));
  }
}

/** What one process did and saw. */
export interface Diary {
  readonly ticks: number[];
  readonly notes: number[];
  readonly beats: number[];
  readonly told: PortEvent[];
}

export const noRates: MessageRates = {
  loss: 0,
  noticedMs: 50,
  duplication: 0,
  reordering: 0,
  reorderingMs: 500,
  replay: 0,
  replayMs: 2_000,
};

const latency: Latency = { leastMs: 1, mostMs: 1, stragglers: 0, stragglerMs: 0 };

/** Two processes at the places p and q that write to one another, and what is done to them. */
export class Duo implements Places {
  readonly calendar = new Calendar({ kind: 'random' }, new Random('order'));
  readonly done: FaultKind[] = [];
  readonly deaths: string[] = [];
  readonly asked: Action[] = [];
  readonly askers = [];
  readonly wire: Wire;
  readonly incidents: Incidents;
  readonly #living = new Map<string, SimulatedProcess>();
  readonly #diaries = new Map<string, Diary>();

  constructor(actions: readonly Action[] = [], rates: Partial<MessageRates> = {}) {
    const nothing = (): void => undefined;
    this.wire = new Wire(
      this.calendar,
      { seed: 'duo', latency, rates: { ...noRates, ...rates }, register: 'multi-writer' },
      { sent: nothing, arrived: nothing, sometimes: nothing },
    );
    this.incidents = new Incidents(this.calendar, this.wire, this, {
      done: (kind) => this.done.push(kind),
      dies: ({ place }) => this.deaths.push(place),
    });
    this.incidents.schedule(actions);
    this.begin('p');
    this.begin('q');
  }

  get living(): readonly SimulatedProcess[] {
    return [...this.#living.values()];
  }

  /** What the process at `place`, and those before it there, did and saw. */
  diary(place: string): Diary {
    let diary = this.#diaries.get(place);
    if (!diary) {
      diary = { ticks: [], notes: [], beats: [], told: [] };
      this.#diaries.set(place, diary);
    }
    return diary;
  }

  at(place: string): SimulatedProcess | undefined {
    return this.#living.get(place);
  }

  begin(place: string): void {
    const self = addressOf(place);
    const process = new SimulatedProcess(place, self, 'duo', this.calendar.lane(place), {
      seed: 'duo',
      send: (from, message) => {
        this.wire.send(from, message);
      },
      handles: (handler) => {
        handler.handled += 1;
      },
      failed: (_process, fault) => {
        throw fault;
      },
    });
    this.#living.set(place, process);
    this.wire.plug(process);
    const { system } = process;
    const { timer } = system.create(HostTimer);
    const { network, status } = system.create(SimulatedNetwork, process);
    const other = addressOf(place === 'p' ? 'q' : 'p');
    const writer = system.create(Writer, other, this.diary(place));
    timer.connect(writer.timer);
    network.connect(writer.network);
    status.connect(writer.status);
    process.start();
  }

  end(place: string): void {
    const process = this.#living.get(place);
    if (!process) return;
    process.alive = false;
    this.#living.delete(place);
    this.wire.unplug(process);
    this.calendar.remove(process.lane);
  }

  ask(action: Action): void {
    this.asked.push(action);
  }

  change(action: Action): void {
    this.asked.push(action);
  }

  runUntil(ms: number): void {
    while (this.calendar.step(ms)) {
      for (const process of this.living) this.incidents.handled(process);
    }
  }
}

export const pToQ: readonly Direction[] = [['p', 'q']];

function addressOf(place: string): Address {
  return address({ id: ProcessId.parse(place), host: '10.0.0.1', port: place === 'p' ? 1 : 2 });
}
