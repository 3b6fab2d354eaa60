import type { ProvidedPort, RequiredPort } from '@jbstore/core';
import type { ChangeWish } from '@jbstore/gms/port';

import { AskChange, ChangeAnswered, type Administration } from './assembly';
import type { Calendar } from './calendar';
import type { ChangeAction } from './plan';
import type { SimulatedProcess } from './simulated-process';

/** How long a request for a change may take, and how long after an answer it is repeated. */
const timeoutMs = 2_000;
const againMs = 1_000;

/** Where the cluster is that an operator changes. */
export interface Site {
  readonly calendar: Calendar;
  endpointOf(place: string): string;
  /** Begins a process, if none is there. */
  begin(place: string): void;
  /** No member listens at this place, but perhaps one that is leaving. */
  hasLeft(place: string): boolean;
  /** Of the newest view. */
  era(): number;
}

/** What is asked for, and neither done nor refused. */
interface Errand {
  readonly action: Exclude<ChangeAction, { kind: 'join' }>;
  readonly wish: ChangeWish;
  /** When it was first asked for. */
  readonly era: number;
}

/** Who changes the cluster: asks again until it is done, as the leader may have forgotten it. */
export class Operator {
  readonly #site: Site;
  readonly #errands = new Set<Errand>();
  readonly #asked = new Map<AskChange, Errand>();
  #process: SimulatedProcess | undefined;
  #administration: RequiredPort<typeof Administration> | undefined;

  constructor(site: Site) {
    this.#site = site;
  }

  /** What is not done, for people. */
  get left(): readonly string[] {
    return [...this.#errands].map(({ wish }) => `an operator waits for ${JSON.stringify(wish)}`);
  }

  /** The process by which it asks is there. */
  enter(process: SimulatedProcess, provided: ProvidedPort<typeof Administration>): void {
    const administration = process.system.clientOf(provided);
    this.#process = process;
    this.#administration = administration;
    administration.upon(ChangeAnswered, ({ ask, verdict }) => {
      const errand = this.#asked.get(ask);
      this.#asked.delete(ask);
      if (!errand) return;
      const isOver = verdict === 'refused' || (verdict === 'accepted' && isBrief(errand));
      if (isOver) this.#errands.delete(errand);
      else this.#later(errand);
    });
  }

  change(action: ChangeAction): void {
    if (action.kind === 'join') {
      this.#site.begin(action.place);
      return;
    }
    const errand = { action, wish: this.#wishOf(action), era: this.#site.era() };
    this.#errands.add(errand);
    this.#ask(errand);
  }

  /** No process is to begin again at this place. */
  wantsAway(place: string): boolean {
    return [...this.#errands].some(({ action }) => 'place' in action && action.place === place);
  }

  #wishOf(action: Errand['action']): ChangeWish {
    if (action.kind === 'refresh') return { kind: 'refresh', slots: [...action.slots] };
    if (action.kind === 'force') {
      const lost = action.lost.map((place) => this.#site.endpointOf(place));
      return { kind: 'force', lost, beginEmpty: action.beginEmpty };
    }
    const endpoint = this.#site.endpointOf(action.place);
    if (action.kind === 'leave') return { kind: 'leave', endpoint };
    return { kind: 'replace', endpoint, by: this.#site.endpointOf(action.by) };
  }

  #later(errand: Errand): void {
    this.#site.calendar.world.after(againMs, () => {
      if (this.#isDone(errand)) this.#errands.delete(errand);
      else this.#ask(errand);
    });
  }

  #isDone({ action, era }: Errand): boolean {
    if ('place' in action) return this.#site.hasLeft(action.place);
    return this.#site.era() > era;
  }

  #ask(errand: Errand): void {
    const { action, wish } = errand;
    if (action.kind === 'replace') this.#site.begin(action.by);
    const ask = new AskChange(wish, timeoutMs);
    this.#asked.set(ask, errand);
    this.#process?.lane.soon(() => this.#administration?.next(ask));
  }
}

/** It is enough to ask for it once: if it is forgotten, nothing is lost. */
function isBrief({ action }: Errand): boolean {
  return action.kind === 'refresh';
}
