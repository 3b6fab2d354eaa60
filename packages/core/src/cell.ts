import type { Release } from './belongings';
import { Berth } from './berth';
import type { Context } from './context';
import { Counter, Gauge, type Figures } from './counter';
import type { DeadLetterReason } from './dead-letter';
import type { Hop } from './delivery';
import { ComponentFault, KilledError } from './errors';
import type { PortEvent } from './event';
import type { Host } from './host';
import { Incarnation, type Place } from './incarnation';
import type { Logger } from './logger';
import { assertBound, type MailboxBound } from './overflow';
import type { Delivery, PortEnd } from './port-end';
import { Random } from './random';
import type { Made, Recipe } from './recipe';
import type { Scheduler } from './scheduler';
import { Supervisor, type FaultDecision, type Supervision } from './supervision';
import type { Trace } from './trace';

/** What the components of one system share. */
export interface Runtime {
  readonly seed: string;
  readonly host: Host;
  readonly scheduler: Scheduler;
  readonly figures: Figures;
  readonly trace: Trace;
  loggerOf(cell: Cell): Logger;
  deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void;
  /** `cell` has started, or has stopped, with everything below it. */
  settled(cell: Cell): void;
  /** A supervisor has decided about a fault of the component at `path`, or it was too late to. */
  told(path: string, fault: ComponentFault, decision: FaultDecision): void;
  /** Nobody could treat `fault`. */
  fatal(fault: ComponentFault): void;
}

/** How a component is created, beside its class and what that needs. */
export interface CreationOptions {
  /** What is done about its faults. Default: they escalate. */
  readonly supervision?: Supervision;
  /** How many events may wait for it. Default: any number. */
  readonly mailbox?: MailboxBound;
}

/** The runtime's side of one component: its context, its ports, its life and its place in the tree. */
export class Cell extends Berth<Cell> implements Place {
  readonly #runtime: Runtime;
  readonly #type: string;
  /** Tells it apart from its siblings of the same type. */
  readonly #number: number;

  constructor(type: string, number: number, parent: Cell | undefined, runtime: Runtime) {
    super(parent);
    this.#runtime = runtime;
    this.#type = type;
    this.#number = number;
  }

  get name(): string {
    return this.#number === 1 ? this.#type : `${this.#type}-${String(this.#number)}`;
  }

  override get path(): string {
    return this.parent ? `${this.parent.path}/${this.name}` : this.name;
  }

  get root(): Cell {
    return this.parent?.root ?? this;
  }

  get host(): Host {
    return this.#runtime.host;
  }

  get log(): Logger {
    return this.#runtime.loggerOf(this);
  }

  random(purpose: string): Random {
    return this.randomOf(purpose, 0);
  }

  /** Identities are drawn from chance: a further instance must not draw those of the former. */
  randomOf(purpose: string, incarnation: number): Random {
    const stream = [this.#runtime.seed, this.path, purpose];
    return new Random(JSON.stringify(incarnation === 0 ? stream : [...stream, incarnation]));
  }

  counter(name: string, labels: Readonly<Record<string, string>> = {}): Counter {
    return this.#runtime.figures.get(Counter, this.path, name, labels);
  }

  gauge(name: string, labels: Readonly<Record<string, string>> = {}): Gauge {
    return this.#runtime.figures.get(Gauge, this.path, name, labels);
  }

  edge<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
  ): (...given: Arguments) => void {
    return this.edgeOf(callback, 0);
  }

  edgeOf<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
    incarnation: number,
  ): (...given: Arguments) => void {
    return (...given) => {
      const ended = this.state === 'killed' || this.hasEnded(incarnation);
      if (ended || this.state === 'suspended') return;
      try {
        callback(...given);
      } catch (error) {
        this.feedFailed(error);
      }
    };
  }

  override onRelease(release: Release): void {
    this.onReleaseOf(release, 0);
  }

  onReleaseOf(release: Release, incarnation: number): void {
    if (this.hasEnded(incarnation)) this.releaseLate(release);
    else super.onRelease(release);
  }

  fault(cause: unknown): void {
    this.faultOf(cause, 0);
  }

  faultOf(cause: unknown, incarnation: number): void {
    const fault = new ComponentFault(this.path, undefined, undefined, cause);
    if (this.hasEnded(incarnation)) this.failLate(fault);
    else this.fail(fault);
  }

  override feedFailed(cause: unknown): void {
    this.fail(new ComponentFault(this.path, undefined, undefined, cause));
  }

  /** The name of the class of its component; `outside` for the program around the system. */
  get type(): string {
    return this.component?.constructor.name ?? this.#type;
  }

  override deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    this.#runtime.deadLetter(port, event, reason);
  }

  hopTo(delivery: Delivery): Hop {
    return this.#runtime.trace.hopTo(delivery, this);
  }

  create<C extends object, Init extends readonly unknown[]>(
    options: CreationOptions,
    type: Made<C, Init>,
    init: Init,
  ): C {
    const { supervision, mailbox } = options;
    if (mailbox) assertBound(mailbox);
    const supervisor = supervision && new Supervisor(supervision);
    const child = this.createCell(type.name);
    const make = (context: Context): C => new type(context, ...init);
    if (mailbox) child.limit(mailbox);
    if (supervisor) child.supervise(supervisor, { make });
    try {
      return child.make(child, make);
    } catch (error) {
      void child.kill();
      throw error;
    }
  }

  /**
   * A child without a component yet. It starts with this cell, or by itself if that has started.
   * @throws {@link KilledError} if this component is to have no more children
   */
  createCell(type: string, made = Cell): Cell {
    if (this.state === 'killed' || this.vacant) throw new KilledError(this.path);
    const child = new made(type, this.nextNumber(type), this, this.#runtime);
    this.adopt(child);
    return child;
  }

  override get turns(): Scheduler {
    return this.#runtime.scheduler;
  }

  override tell(fault: ComponentFault, decision: FaultDecision): void {
    this.#runtime.told(this.path, fault, decision);
  }

  protected override settled(): void {
    super.settled();
    this.#runtime.settled(this);
  }

  protected override fatal(fault: ComponentFault): void {
    this.#runtime.fatal(fault);
  }

  protected override get trace(): Trace {
    return this.#runtime.trace;
  }

  protected override incarnation(number: number): Context {
    return new Incarnation(this, number);
  }

  /** True of an instance that is not the latest, or that has ended before the next is made. */
  private hasEnded(incarnation: number): boolean {
    return this.vacant || (this.held?.incarnation ?? 0) !== incarnation;
  }

  private supervise(supervisor: Supervisor, recipe: Recipe): void {
    this.own.supervisor = supervisor;
    this.own.recipe = recipe;
  }
}
