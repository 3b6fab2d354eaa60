import { Subject, type Observable } from 'rxjs';

import { Cell, type Runtime } from './cell';
import type { Component, ComponentClass } from './component';
import { Counters, type Counter } from './counter';
import { DeadLetter } from './dead-letter';
import { KilledError, type ComponentFault } from './errors';
import { graphOf, type Graph } from './graph';
import { realHost, type Host } from './host';
import { silentLogger, type Logger } from './logger';
import { ProvidedPort, RequiredPort } from './port';
import type { PortType } from './port-type';
import { freshSeed } from './random';
import { Scheduler, defaultFairness, type Fairness } from './scheduler';

export interface SystemOptions {
  /** Chance of all components follows from it. Default: 128 fresh bits. */
  readonly seed?: string;
  /** Time and turns of the event loop. Default: those of Node; a `VirtualHost` repeats a run. */
  readonly host?: Host;
  /** Where the component at `path` writes. Default: nowhere. */
  readonly logger?: (path: string) => Logger;
  readonly fairness?: Partial<Fairness>;
  /** Told of the fault that ends the system, instead of {@link System.terminated} alone. */
  readonly onFault?: (fault: ComponentFault) => void;
}

/** The components of one process (in the sense of an algorithm), on one scheduler. */
export class System implements AsyncDisposable {
  readonly seed: string;
  /**
   * Resolves when the system was killed, and rejects with the {@link ComponentFault} that ended it.
   * A fault that nobody awaits ends the Node process, as any rejection does: none goes unseen.
   */
  readonly terminated: Promise<void>;

  readonly #root: Cell;
  readonly #deadLetters = new Subject<DeadLetter>();
  readonly #counters = new Counters();
  readonly #onFault: SystemOptions['onFault'];
  #outside: Cell | undefined;
  #waiting: Waiting[] = [];
  #fault: ComponentFault | undefined;
  #terminate: (fault?: ComponentFault) => void = () => undefined;

  constructor(
    readonly name: string,
    options: SystemOptions = {},
  ) {
    this.seed = options.seed ?? freshSeed();
    this.#onFault = options.onFault;
    this.terminated = new Promise((resolve, reject) => {
      this.#terminate = (fault) => {
        if (fault) reject(fault);
        else resolve();
      };
    });
    this.#root = new Cell(name, undefined, this.#runtime(options));
  }

  #runtime(options: SystemOptions): Runtime {
    const host = options.host ?? realHost;
    return {
      seed: this.seed,
      host,
      scheduler: new Scheduler(host, { ...defaultFairness, ...options.fairness }),
      counter: (component, name, labels) => this.#counters.counter(component, name, labels),
      loggerOf: options.logger ?? (() => silentLogger),
      deadLetter: (port, event, reason) => {
        this.#counters.counter(this.name, 'deadLetters', { reason }).add();
        if (!this.#deadLetters.observed) return;
        this.#deadLetters.next(new DeadLetter(event, port.name, reason));
      },
      settled: (cell) => {
        if (cell === this.#root) this.#settle();
      },
      faulted: (_cell, fault) => {
        this.#fail(fault);
      },
    };
  }

  /** Events that nobody took, with the reason. They are counted whether observed or not. */
  get deadLetters(): Observable<DeadLetter> {
    return this.#deadLetters;
  }

  /** Creates a component at the top of the tree. */
  create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: Init
  ): C {
    return this.#root.create(type, ...init);
  }

  /** The other end of `provided`, held by the program outside: `next` asks, `subscribe` listens. */
  clientOf<P extends PortType>(provided: ProvidedPort<P>): RequiredPort<P> {
    const end = new RequiredPort(provided.type, this.#outsideFor());
    this.#outside?.adopt(end);
    provided.connect(end);
    return end;
  }

  /** The other end of `required`, held by the program outside, which then is its provider. */
  providerOf<P extends PortType>(required: RequiredPort<P>): ProvidedPort<P> {
    const end = new ProvidedPort(required.type, this.#outsideFor());
    this.#outside?.adopt(end);
    end.connect(required);
    return end;
  }

  #outsideFor(): Cell {
    return (this.#outside ??= this.#root.createCell('outside'));
  }

  /**
   * Starts all components; resolves when every one has handled its {@link Start}.
   * @throws {@link UnconnectedPortError} at once, if the assembly forgot a channel.
   */
  start(): Promise<void> {
    if (this.#root.state === 'killed') throw new KilledError(this.name);
    this.#root.assertConnected();
    this.#root.start();
    return this.#until('started');
  }

  /** Stops all components; resolves when each has handled what had arrived before. */
  stop(): Promise<void> {
    this.#root.stop();
    return this.#until('stopped');
  }

  /** Ends all components at once; resolves when they have released what they held. */
  async kill(): Promise<void> {
    await this.#root.kill();
    this.#terminate();
    this.#settle();
  }

  /** Stops, then kills. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#fault && this.#root.state !== 'killed') await this.stop();
    await this.kill();
  }

  /** The components, ports and channels as they are now. */
  graph(): Graph {
    return graphOf(this.#root);
  }

  /** The live figures of all components. */
  counters(): readonly Counter[] {
    return this.#counters.list();
  }

  #until(state: 'started' | 'stopped'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ state, resolve, reject });
      this.#settle();
    });
  }

  #settle(): void {
    const state = this.#root.state;
    this.#waiting = this.#waiting.filter((waiting) => {
      if (this.#fault) waiting.reject(this.#fault);
      else if (waiting.state === state) waiting.resolve();
      else if (state === 'killed') waiting.reject(new KilledError(this.name));
      else return true;
      return false;
    });
  }

  #fail(fault: ComponentFault): void {
    if (this.#fault) return;
    this.#fault = fault;
    // Whoever awaits a start or a stop, or asked to be told, sees the fault there.
    if (this.#waiting.length > 0 || this.#onFault) this.terminated.catch(() => undefined);
    this.#onFault?.(fault);
    this.#settle();
    this.#terminate(fault);
    this.#root.log.error('a component failed, so the system stops', {
      component: fault.component,
      port: fault.port,
      event: fault.event,
      cause: fault.cause,
      seed: this.seed,
    });
    this.#root.kill().catch((error: unknown) => {
      this.#root.log.error('a component failed to release what it held', { cause: error });
    });
  }
}

interface Waiting {
  readonly state: 'started' | 'stopped';
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
