import type { Calendar } from './calendar';
import type { Action, ChangeAction, CrashAction, FaultKind, OperationAction } from './plan';
import type { SimulatedProcess } from './simulated-process';
import type { Wire } from './wire';

/** Where processes are. */
export interface Places {
  readonly living: readonly SimulatedProcess[];
  /** Those from which something is asked, be there a process or not. */
  readonly askers: Iterable<string>;
  at(place: string): SimulatedProcess | undefined;
  /** Begins a process, if none is there. */
  begin(place: string, identity?: 'new' | 'same'): void;
  /** Kills the process that is there. */
  end(place: string): void;
  ask(action: OperationAction): void;
  /** What an operator does. */
  change(action: ChangeAction): void;
}

/** Is told of what happens by plan, unless it finds nobody. */
export interface IncidentWatch {
  done(kind: FaultKind): void;
  /** A process is about to be killed. */
  dies(process: SimulatedProcess): void;
}

/** Who dies, and with which event. */
interface Doom {
  readonly crash: CrashAction;
  readonly lastEvent: number;
}

/** What happens by plan. */
export class Incidents {
  readonly #calendar: Calendar;
  readonly #wire: Wire;
  readonly #places: Places;
  readonly #watch: IncidentWatch;
  /** Where processes are that are of no cluster, or not of this one. */
  readonly #guests = new Set<string>();
  readonly #doomed = new Map<SimulatedProcess, Doom>();
  #healed = false;

  constructor(calendar: Calendar, wire: Wire, places: Places, watch: IncidentWatch) {
    this.#calendar = calendar;
    this.#wire = wire;
    this.#places = places;
    this.#watch = watch;
  }

  /** Performs `actions`, each at its time. */
  schedule(actions: readonly Action[]): void {
    for (const action of actions) {
      this.#calendar.world.at(action.atMs, () => {
        this.#perform(action);
      });
    }
  }

  /** `process` has handled an event: perhaps it was its last. */
  handled(process: SimulatedProcess): void {
    if (this.#doomed.size === 0) return;
    const doom = this.#doomed.get(process);
    if (doom && process.handled >= doom.lastEvent) this.#kill(process, doom.crash);
  }

  /** From now on nothing is done to processes and links, and what was done to them is over. */
  heal(): void {
    this.#healed = true;
    this.#doomed.clear();
    for (const { lane } of this.#places.living) {
      lane.heal();
    }
    for (const place of this.#guests) this.#places.end(place);
    for (const place of this.#places.askers) this.#places.begin(place);
    this.#wire.heal();
  }

  #perform(action: Action): void {
    if (action.kind === 'operation') {
      this.#places.ask(action);
      return;
    }
    if (this.#healed) return;
    if (isChange(action)) {
      this.#watch.done(action.kind);
      this.#places.change(action);
    } else if ('place' in action) {
      this.#disturbProcess(action);
    } else {
      this.#watch.done(action.kind);
      this.#disturbLinks(action);
    }
  }

  #disturbLinks(action: Extract<Action, { directions: unknown }>): void {
    const { directions, lastsMs, atMs } = action;
    const over = (undo: Parameters<Wire['change']>[1]): void => {
      this.#later(lastsMs, () => {
        this.#wire.change(directions, undo);
      });
    };
    switch (action.kind) {
      case 'cut': {
        const which = action.messages === 'lost' ? 'losing' : 'keeping';
        this.#wire.change(directions, (condition) => (condition[which] += 1));
        this.#wire.break(directions);
        over((condition) => (condition[which] -= 1));
        return;
      }
      case 'clog':
        this.#wire.change(directions, (condition) => {
          condition.cloggedUntilMs = Math.max(condition.cloggedUntilMs, atMs + lastsMs);
        });
        return;
      case 'slow link':
        this.#wire.change(directions, (condition) => (condition.extraMs += action.extraMs));
        over((condition) => (condition.extraMs -= action.extraMs));
        return;
      case 'wrong suspicion':
        this.#wire.change(directions, (condition) => (condition.silencing += 1));
        over((condition) => (condition.silencing -= 1));
    }
  }

  #disturbProcess(action: Exclude<Extract<Action, { place: string }>, ChangeAction>): void {
    const { place } = action;
    if (action.kind === 'stranger' || action.kind === 'newcomer') {
      this.#guests.add(place);
      this.#places.begin(place);
      this.#later(action.lastsMs, () => {
        this.#places.end(place);
      });
      this.#watch.done(action.kind);
      return;
    }
    const process = this.#places.at(place);
    if (!process) return;
    this.#watch.done(action.kind);
    if (action.kind === 'crash') {
      this.#doomed.set(process, { crash: action, lastEvent: process.handled + action.afterEvents });
      this.handled(process);
    } else if (action.kind === 'pause') {
      process.lane.pauseUntil(action.atMs + action.lastsMs);
    } else if (action.kind === 'slowness') {
      process.lane.taskMs = action.eventMs;
      this.#later(action.lastsMs, () => {
        process.lane.taskMs = 0;
      });
    } else {
      process.lane.setClock(action.rate, action.aheadMs);
      this.#later(action.lastsMs, () => {
        process.lane.setClock(1);
      });
    }
  }

  #kill(process: SimulatedProcess, { restartMs, identity, place }: CrashAction): void {
    this.#doomed.delete(process);
    this.#watch.dies(process);
    this.#places.end(place);
    if (restartMs === null) return;
    this.#later(restartMs, () => {
      this.#places.begin(place, identity);
    });
  }

  /** Undoes something, unless the healing has. */
  #later(delayMs: number, undo: () => void): void {
    this.#calendar.world.after(delayMs, () => {
      if (!this.#healed) undo();
    });
  }
}

function isChange(action: Action): action is ChangeAction {
  return changes.has(action.kind);
}

const changes: ReadonlySet<string> = new Set<ChangeAction['kind']>([
  'join',
  'leave',
  'replace',
  'refresh',
  'force',
]);
