import type { Component, ComponentClass } from './component';
import type { Context } from './context';
import type { Counter } from './counter';
import type { DeadLetterReason } from './dead-letter';
import { ComponentFault, KilledError, UnconnectedPortError } from './errors';
import type { PortEvent } from './event';
import type { Host } from './host';
import { Control, Start, Stop } from './life';
import type { Logger } from './logger';
import { ProvidedPort, wiring, type PortEnd, type PortOwner } from './port';
import { Random } from './random';
import type { Scheduler } from './scheduler';
import { Strand } from './strand';

/** What the components of one system share. */
export interface Runtime {
  readonly seed: string;
  readonly host: Host;
  readonly scheduler: Scheduler;
  counter(component: string, name: string, labels: Readonly<Record<string, string>>): Counter;
  loggerOf(path: string): Logger;
  deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void;
  /** `cell` has started, or has stopped, with everything below it. */
  settled(cell: Cell): void;
  /** `cell` has failed; it is suspended, with everything below it. */
  faulted(cell: Cell, fault: ComponentFault): void;
}

type Labels = Readonly<Record<string, string>>;
type Release = () => void | Promise<void>;

const noCells: ReadonlySet<Cell> = new Set();

/** The runtime's side of one component: its context, its ports, its life and its place in the tree. */
export class Cell extends Strand implements Context, PortOwner {
  readonly #parent: Cell | undefined;
  readonly #runtime: Runtime;
  #component: Component | undefined;
  #ports: PortEnd[] | undefined;
  #control: ProvidedPort<typeof Control> | undefined;
  #children: Set<Cell> | undefined;
  #childNames: Map<string, number> | undefined;
  #releases: Release[] | undefined;
  #released: Promise<void> | undefined;
  /** What was asked for while the opposite was on its way. */
  #next: 'start' | 'stop' | undefined;

  constructor(
    readonly name: string,
    parent: Cell | undefined,
    runtime: Runtime,
  ) {
    super();
    this.#parent = parent;
    this.#runtime = runtime;
  }

  override get path(): string {
    return this.#parent ? `${this.#parent.path}/${this.name}` : this.name;
  }

  get host(): Host {
    return this.#runtime.host;
  }

  get log(): Logger {
    return this.#runtime.loggerOf(this.path);
  }

  random(purpose: string): Random {
    return new Random(`${this.#runtime.seed} ${this.path} ${purpose}`);
  }

  counter(name: string, labels: Labels = {}): Counter {
    return this.#runtime.counter(this.path, name, labels);
  }

  edge<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
  ): (...given: Arguments) => void {
    return (...given) => {
      if (this.state === 'suspended' || this.state === 'killed') return;
      try {
        callback(...given);
      } catch (error) {
        this.fault(error);
      }
    };
  }

  onRelease(release: Release): void {
    (this.#releases ??= []).push(release);
  }

  fault(cause: unknown): void {
    this.fail(new ComponentFault(this.path, undefined, undefined, cause));
  }

  get component(): Component | undefined {
    return this.#component;
  }

  get children(): ReadonlySet<Cell> {
    return this.#children ?? noCells;
  }

  get ports(): readonly PortEnd[] {
    return this.#ports ?? [];
  }

  get control(): ProvidedPort<typeof Control> {
    return (this.#control ??= new ProvidedPort(Control, this));
  }

  adopt(port: PortEnd): void {
    (this.#ports ??= []).push(port);
  }

  override nameOf(port: PortEnd): string {
    if (port === this.#control) return 'control';
    const fields = Object.entries(this.#component ?? {});
    return fields.find(([, value]) => value === port)?.[0] ?? port.type.name;
  }

  override deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    this.#runtime.deadLetter(port, event, reason);
  }

  create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: Init
  ): C {
    const child = this.createCell(type.name);
    try {
      const component = new type(child, ...init);
      child.#component = component;
      return component;
    } catch (error) {
      void child.kill();
      throw error;
    }
  }

  /** A child without a component yet. It starts with this cell, or by itself if that has started. */
  createCell(type: string): Cell {
    if (this.state === 'killed') throw new KilledError(this.path);
    const names = (this.#childNames ??= new Map<string, number>());
    const number = (names.get(type) ?? 0) + 1;
    names.set(type, number);
    const child = new Cell(number === 1 ? type : `${type}-${String(number)}`, this, this.#runtime);
    (this.#children ??= new Set()).add(child);
    // Its channels are made in the turn of its creation, so they are looked at after it.
    if (this.state === 'started')
      this.host.soon(
        this.edge(() => {
          child.#startLate();
        }),
      );
    return child;
  }

  #startLate(): void {
    if (this.state !== 'created') return;
    this.assertConnected();
    this.start();
  }

  /** @throws {@link UnconnectedPortError} if a port required by this component or one below is open. */
  assertConnected(): void {
    const open = this.ports.find((port) => port.role === 'required' && !port.connected);
    if (open) throw new UnconnectedPortError(this.path, `${open.type.name} (${this.nameOf(open)})`);
    for (const child of this.children) child.assertConnected();
  }

  override start(): void {
    if (this.state === 'killed') throw new KilledError(this.path);
    if (this.state === 'stopping') this.#next = 'start';
    if (this.state !== 'created' && this.state !== 'stopped') return;
    this.enter('starting');
    for (const child of this.children) child.start();
    this.#follow();
  }

  override stop(): void {
    if (this.state === 'starting') this.#next = 'stop';
    if (this.state === 'stopping') this.#next = undefined;
    if (this.state === 'created') this.enter('stopped');
    if (this.state === 'started') this.stopWith(this.control, new Stop());
  }

  override kill(): Promise<void> {
    if (this.#released) return this.#released;
    this.#end();
    if (this.#parent) this.#parent.#forget(this);
    return (this.#released = this.#release());
  }

  protected override get scheduler(): Scheduler {
    return this.#runtime.scheduler;
  }

  protected override get openedControl(): ProvidedPort<typeof Control> | undefined {
    return this.#control;
  }

  protected override started(): void {
    this.#settle();
    if (this.#next === 'stop') this.stop();
    this.#next = undefined;
  }

  protected override stopped(): void {
    this.#follow();
  }

  protected override failed(fault: ComponentFault): void {
    for (const child of this.children) child.#suspend();
    this.#runtime.faulted(this, fault);
  }

  #suspend(): void {
    if (this.state !== 'killed') this.enter('suspended');
    for (const child of this.children) child.#suspend();
  }

  #settle(): void {
    if (this.#parent) this.#parent.#follow();
    this.#runtime.settled(this);
  }

  /** Goes on with a start or stop as far as the children have followed. */
  #follow(): void {
    const children = [...this.children];
    if (this.state === 'starting') {
      if (children.every((child) => child.state === 'started')) this.startWith(new Start());
    } else if (this.state === 'stopping') {
      const last = children.findLast((child) => child.state !== 'stopped');
      if (last) last.stop();
      if (last && last.state !== 'stopped') return;
      if (last) this.#follow();
      else this.#stopDone();
    }
  }

  #stopDone(): void {
    this.enter('stopped');
    this.#settle();
    if (this.#next === 'start') this.start();
    this.#next = undefined;
  }

  #end(): void {
    this.enter('killed');
    for (const child of this.children) child.#end();
    this.discardEvents();
    for (const port of this.ports) {
      for (const channel of wiring.channelsOf(port)) channel.unsubscribe();
    }
  }

  #forget(child: Cell): void {
    this.#children?.delete(child);
    this.#follow();
  }

  async #release(): Promise<void> {
    for (const child of [...this.children].reverse()) {
      await (child.#released ??= child.#release());
    }
    for (const release of this.#releases?.reverse() ?? []) await release();
  }
}
