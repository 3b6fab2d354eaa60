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
  /** Where members listened that are dead. */
  dead(): readonly string[];
  /** A slot, or the council, has lost its majority. */
  isBereft(): boolean;
}

/** What is asked for, and neither done nor refused. */
interface Errand {
  readonly action: Exclude<ChangeAction, { kind: 'join' }>;
  readonly wish: () => ChangeWish;
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
    return this.#leftOf([...this.#errands]);
  }

  /** What of this must be done whatever is lost. */
  get leftOfForces(): readonly string[] {
    return this.#leftOf([...this.#errands].filter(({ action }) => action.kind === 'force'));
  }

  #leftOf(errands: readonly Errand[]): readonly string[] {
    return errands.map(({ wish }) => `an operator waits for ${JSON.stringify(wish())}`);
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
      const isRefused = verdict === 'refused' && !(isForce(errand) && this.#site.isBereft());
      const isOver = isRefused || (verdict === 'accepted' && isBrief(errand));
      if (isOver) this.#errands.delete(errand);
      else this.#later(errand);
    });
  }

  change(action: ChangeAction): void {
    if (action.kind === 'join') {
      this.#site.begin(action.place);
      return;
    }
    const wish = (): ChangeWish => this.#wishOf(action);
    const errand = { action, wish, era: this.#site.era() };
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
      const named = action.lost.map((place) => this.#site.endpointOf(place));
      const lost = named.length > 0 ? named : [...this.#site.dead()];
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
    const { action } = errand;
    const wish = errand.wish();
    if (wish.kind === 'force' && wish.lost.length === 0) {
      this.#errands.delete(errand);
      return;
    }
    if (action.kind === 'replace') this.#site.begin(action.by);
    const ask = new AskChange(wish, timeoutMs);
    this.#asked.set(ask, errand);
    this.#process?.lane.soon(() => this.#administration?.next(ask));
  }
}

/** Who has just died is not given up yet: it is refused for a while. */
function isForce({ action }: Errand): boolean {
  return action.kind === 'force';
}

/** It is enough to ask for it once: if it is forgotten, nothing is lost. */
function isBrief({ action }: Errand): boolean {
  return action.kind === 'refresh';
}
