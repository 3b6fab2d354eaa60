import type { Observable } from 'rxjs';

import { Cell, type CreationOptions, type Runtime } from './cell';
import { cellOf, type Component, type ComponentClass } from './component';
import { Counter, Figures, Gauge } from './counter';
import type { DeadLetter } from './dead-letter';
import { DeadLetters } from './dead-letters';
import { KilledError, ReplacementError, type ComponentFault } from './errors';
import { Faults, type TreatedFault } from './faults';
import { graphOf, withDescendants, type Graph } from './graph';
import { realHost, type Host } from './host';
import { Inquiry, type AskOptions, type Inquired } from './inquiry';
import { LifeRequests } from './life-requests';
import { Loggers, silentLogger, type Logger } from './logger';
import { Outside } from './outside';
import { ProvidedPort, RequiredPort } from './port';
import { wiring } from './port-end';
import type { IndicationOf, PortType, RequestOf } from './port-type';
import type { PortRequest } from './request';
import { freshSeed } from './random';
import { successor, type InitOf } from './succession';
import { Scheduler, type Fairness, type NextTurn } from './scheduler';
import { Trace, type TraceEntry } from './trace';

export interface SystemOptions {
  /** Chance of all components follows from it. Default: 128 fresh bits. */
  readonly seed?: string;
  /** Time and turns of the event loop. Default: those of Node; a `VirtualHost` repeats a run. */
  readonly host?: Host;
  /** Where the component at `path` writes. Default: nowhere. */
  readonly logger?: (path: string) => Logger;
  /** How long the components may keep the event loop. */
  readonly fairness?: Partial<Fairness>;
  /** Chooses among the components that are ready, for a simulator. Default: first ready, first run. */
  readonly nextTurn?: NextTurn;
  /** Told, at once, of the fault that ends the system; {@link System.terminated} need not be awaited. */
  readonly onFault?: (fault: ComponentFault) => void;
}

/**
 * The components of one process (in the sense of an algorithm), on one scheduler: the root of their
 * tree. What happens to the system as a whole is asked for here and answered by promises.
 */
export class System implements AsyncDisposable {
  readonly seed: string;
  /**
   * Resolves when the system was killed, and rejects with the {@link ComponentFault} that ended it.
   * A fault that reaches nobody (no `onFault`, no pending start, stop or kill, and nobody who awaits
   * this) is an unhandled rejection, which ends the Node process: none goes unseen.
   */
  readonly terminated: Promise<void>;

  readonly #root: Cell;
  readonly #host: Host;
  readonly #figures = new Figures();
  readonly #deadLetters = new DeadLetters((reason) =>
    this.#figures.get(Counter, this.name, 'deadLetters', { reason }),
  );
  readonly #trace: Trace;
  readonly #faults: Faults;
  readonly #onFault: SystemOptions['onFault'];
  readonly #requests: LifeRequests;
  #outside: Cell | undefined;
  #asked: Inquired | undefined;
  #fault: ComponentFault | undefined;
  #ending = false;
  #killed: Promise<void> | undefined;
  #resolveTerminated: () => void = () => undefined;
  #rejectTerminated: (fault: ComponentFault) => void = () => undefined;

  /** @param name - what its paths begin with: the address of the process, say; without a slash */
  constructor(
    readonly name: string,
    options: SystemOptions = {},
  ) {
    this.seed = options.seed ?? freshSeed();
    this.#host = options.host ?? realHost;
    this.#onFault = options.onFault;
    this.terminated = new Promise((resolve, reject) => {
      this.#resolveTerminated = resolve;
      this.#rejectTerminated = reject;
    });
    this.#trace = new Trace(this.#host, () => {
      for (const cell of withDescendants(this.#root)) {
        for (const port of cell.ports) wiring.forget(port);
      }
    });
    const loggerOf = options.logger ?? ((): Logger => silentLogger);
    this.#faults = new Faults(
      (decision) => this.#figures.get(Counter, name, 'faults', { decision }),
      loggerOf,
      this.#host,
    );
    this.#root = new Cell(name, 1, undefined, this.#runtime(options, loggerOf));
    this.#requests = new LifeRequests(this.#root);
  }

  /** Events that nobody took, with the reason. They are counted whether observed or not. */
  get deadLetters(): Observable<DeadLetter> {
    return this.#deadLetters.letters;
  }

  /** The faults, with what was decided about each. */
  get faults(): Observable<TreatedFault> {
    return this.#faults.treated;
  }

  /**
   * Creates a component at the top of the tree. In a system that has started it starts by itself, once
   * the code that is running now has connected it.
   * @throws {@link KilledError} if the system has ended; whatever the constructor throws
   */
  create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return this.#root.create({}, type, init);
  }

  /** As {@link create}, with options. @throws {@link InvalidOptionError} */
  createWith<C extends Component, Init extends readonly unknown[]>(
    options: CreationOptions,
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return this.#root.create(options, type, init);
  }

  /**
   * Puts a new component in the place of `old`, in whatever state that is. The old one handles what had
   * arrived, stops and ends; the new one takes over its ports, channels and what arrived meanwhile, and
   * starts if the old one had, or would have, had it not failed. It is made with `init`, or with what
   * that says of the state which a {@link Replaceable} hands over; `connect` connects its further ports.
   *
   * Resolves when the new one has started, or rests as the old one did. Rejects with its fault, with a
   * {@link ReplacementError} if that is under way already, or with a {@link KilledError}.
   */
  async replace<Old extends Component, C extends Component, Init extends readonly unknown[]>(
    old: Old,
    type: ComponentClass<C, Init>,
    init: InitOf<Old, Init>,
    connect?: (successor: NoInfer<C>) => void,
  ): Promise<C> {
    const cell = cellOf(old);
    if (cell.root !== this.#root) throw new ReplacementError(cell.path, 'it is of another system');
    await new Promise<void>((resolve, reject) => {
      cell.replace(old, successor(type, init, connect), resolve, reject);
    });
    return cell.component as C;
  }

  /** The other end of `provided`, held by the program outside: `next` asks, `subscribe` listens. */
  clientOf<P extends PortType>(provided: ProvidedPort<P>): RequiredPort<P> {
    const end = this.#outsideCell.hold(RequiredPort<P>, provided.type);
    provided.connect(end);
    return end;
  }

  /** The other end of `required`, held by the program outside, which then is its provider. */
  providerOf<P extends PortType>(required: RequiredPort<P>): ProvidedPort<P> {
    const end = this.#outsideCell.hold(ProvidedPort<P>, required.type);
    end.connect(required);
    return end;
  }

  /**
   * Asks the component that holds `provided`, for the program outside: a promise of the answer.
   *
   * Rejects with an {@link UnansweredError} if none came in time, with the reason of the signal if that
   * aborts, with a {@link DeadLetterError} if somebody to whom the request came did not take it, with
   * a {@link KilledError} if the component or the system is killed, and with the fault that ends the
   * system. An answer that comes after that is a dead letter.
   * In virtual time somebody must let time pass meanwhile.
   */
  ask<P extends PortType, R extends IndicationOf<P>>(
    provided: ProvidedPort<P>,
    request: RequestOf<P> & PortRequest<R>,
    options: AskOptions = {},
  ): Promise<R> {
    return new Inquiry<R>(this.#inquired, provided, request, options).promise;
  }

  /**
   * Starts all components; resolves when every one has handled its {@link Start}, after what was asked
   * for before. A second start is harmless. Rejects with the fault that ends the system, or with a
   * {@link KilledError} if it is killed meanwhile.
   * @throws {@link UnconnectedPortError} at once, if the assembly forgot a channel
   * @throws {@link KilledError} at once, if the system has ended
   */
  start(): Promise<void> {
    if (this.#root.state === 'killed') throw this.#fault ?? new KilledError(this.name);
    this.#root.assertConnected();
    return this.#requests.ask('started');
  }

  /**
   * Stops all components; resolves when each has handled what had arrived before, after what was asked
   * for before. Events that come later wait for the next start. Rejects as {@link start} does.
   */
  stop(): Promise<void> {
    return this.#requests.ask('stopped');
  }

  /**
   * Ends all components at once; resolves when they have released what they held. Rejects with the
   * fault of a component that failed to.
   */
  kill(): Promise<void> {
    return (this.#killed ??= this.#kill());
  }

  /** Stops, unless it failed or was killed, then kills. In virtual time somebody must advance it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#root.state !== 'killed') await this.stop();
    } catch (error) {
      if (!(error instanceof KilledError)) throw error;
    } finally {
      await this.kill();
    }
  }

  /** The components, ports and channels as they are now. */
  graph(): Graph {
    return graphOf(this.#root);
  }

  /**
   * Every event from now on, when a component begins to handle it, with the event that caused it.
   * Costs nothing while nobody observes it; what waits when somebody begins to is not shown.
   */
  get trace(): Observable<TraceEntry> {
    return this.#trace.entries;
  }

  /** The live figures of all components; those of killed ones stay as they were. */
  counters(): readonly (Counter | Gauge)[] {
    return this.#figures.list();
  }

  get #inquired(): Inquired {
    return (this.#asked ??= {
      pending: this.#figures.get(Gauge, this.name, 'pendingAsks', {}),
      ended: () => this.#fault ?? (this.#ending ? new KilledError(this.name) : undefined),
    });
  }

  get #outsideCell(): Cell {
    return (this.#outside ??= this.#root.createCell('outside', Outside));
  }

  #runtime(options: SystemOptions, loggerOf: (path: string) => Logger): Runtime {
    const loggers = new Loggers(loggerOf);
    const rested = this.#trace.rest.bind(this.#trace);
    return {
      seed: this.seed,
      host: this.#host,
      scheduler: new Scheduler(this.#host, rested, options.fairness, options.nextTurn),
      figures: this.#figures,
      trace: this.#trace,
      loggerOf: (cell) => loggers.of(cell),
      deadLetter: (port, event, reason) => {
        this.#deadLetters.add(port, event, reason);
      },
      settled: (cell) => {
        if (cell === this.#root) this.#requests.settle();
      },
      told: (path, fault, decision) => {
        this.#faults.tell(fault, path, decision);
      },
      fatal: (fault) => {
        this.#fail(fault);
      },
    };
  }

  async #kill(): Promise<void> {
    const before = this.#fault;
    this.#ending = true;
    await this.#root.kill();
    this.#requests.reject(this.#fault ?? new KilledError(this.name));
    this.#resolveTerminated();
    if (this.#fault && this.#fault !== before) throw this.#fault;
  }

  /** The first fault ends the system; those that follow from its end are written down. */
  #fail(fault: ComponentFault): void {
    this.#faults.tellFatal(fault, this.name, this.seed, !this.#fault);
    if (this.#fault) return;
    this.#fault = fault;
    // Whoever awaits a start, a stop or a kill, or asked to be told, sees the fault there.
    const seen = this.#requests.pending || this.#onFault !== undefined || this.#ending;
    if (seen) this.terminated.catch(() => undefined);
    this.#requests.reject(fault);
    this.#rejectTerminated(fault);
    this.kill().catch(() => undefined);
    if (this.#onFault) this.#faults.callBack(this.#onFault, fault);
  }
}
