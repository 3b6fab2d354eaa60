import { Branch } from './branch';
import type { Context } from './context';
import { Counter, Gauge, type Figures } from './counter';
import type { DeadLetterReason } from './dead-letter';
import { DeliveryTo, type Hop } from './delivery';
import { ComponentFault, KilledError, UnconnectedPortError } from './errors';
import { classOf, type PortEvent } from './event';
import type { Host } from './host';
import { Control, Kill, Start, type Stop } from './life';
import type { Logger } from './logger';
import { ProvidedPort } from './port';
import { wiring, type Delivery, type PortEnd, type PortOwner } from './port-end';
import { Random } from './random';
import type { Scheduler } from './scheduler';
import type { Trace } from './trace';

/** What the components of one system share. */
export interface Runtime {
  readonly seed: string;
  readonly host: Host;
  readonly scheduler: Scheduler;
  readonly figures: Figures;
  readonly trace: Trace;
  loggerOf(path: string): Logger;
  deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void;
  /** `cell` has started, or has stopped, with everything below it. */
  settled(cell: Cell): void;
  /** `cell` has failed; it is suspended, with everything below it, unless it was killed before. */
  faulted(cell: Cell, fault: ComponentFault): void;
}

/** A class of which a cell makes its component. */
type Made<C extends object, Init extends readonly unknown[]> = new (
  context: Context,
  ...init: Init
) => C;

/** The runtime's side of one component: its context, its ports, its life and its place in the tree. */
export class Cell extends Branch<Cell> implements Context, PortOwner {
  readonly #runtime: Runtime;
  readonly #type: string;
  /** Tells it apart from its siblings of the same type. */
  readonly #number: number;
  #component: object | undefined;
  /** Most components have one port, which then stands here itself. */
  #ports: PortEnd | PortEnd[] | undefined;
  #desk: ControlDesk | undefined;

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

  get host(): Host {
    return this.#runtime.host;
  }

  get log(): Logger {
    return this.#runtime.loggerOf(this.path);
  }

  random(purpose: string): Random {
    return new Random(JSON.stringify([this.#runtime.seed, this.path, purpose]));
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
    return (...given) => {
      if (this.state === 'suspended' || this.state === 'killed') return;
      try {
        callback(...given);
      } catch (error) {
        this.fault(error);
      }
    };
  }

  fault(cause: unknown): void {
    this.fail(new ComponentFault(this.path, undefined, undefined, cause));
  }

  /** What was made in this cell; undefined at the root, outside, and while it is being made. */
  get component(): object | undefined {
    return this.#component;
  }

  /** The name of the class of its component; `outside` for the program around the system. */
  get type(): string {
    return this.#type;
  }

  get ports(): readonly PortEnd[] {
    const ports = this.#ports;
    return ports instanceof Array ? ports : ports ? [ports] : [];
  }

  /** How many events it has handled, over its whole life. */
  get handledEvents(): number {
    return this.ports.reduce((events, port) => events + wiring.handledAt(port), 0);
  }

  get control(): ProvidedPort<typeof Control> {
    return (this.#desk ??= new ControlDesk(this)).port;
  }

  /** Takes `port` in, as one of this component. */
  hold(port: PortEnd): void {
    if (this.#ports instanceof Array) this.#ports.push(port);
    else this.#ports = this.#ports ? [this.#ports, port] : port;
  }

  override nameOf(port: PortEnd): string {
    const fields = Object.entries(this.#component ?? {});
    const field = fields.find(([, value]) => value === port)?.[0];
    if (field !== undefined) return field;
    const alike = this.ports.filter(({ type }) => type === port.type).indexOf(port);
    return alike <= 0 ? port.type.name : `${port.type.name}-${String(alike + 1)}`;
  }

  override deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    this.#runtime.deadLetter(port, event, reason);
  }

  hopTo(delivery: Delivery): Hop {
    return this.#runtime.trace.hopTo(delivery, this);
  }

  create<C extends object, Init extends readonly unknown[]>(type: Made<C, Init>, ...init: Init): C {
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

  /**
   * A child without a component yet. It starts with this cell, or by itself if that has started.
   * @throws {@link KilledError} if this component is to have no more children
   */
  createCell(type: string): Cell {
    if (this.state === 'killed') throw new KilledError(this.path);
    const child = new Cell(type, this.nextNumber(type), this, this.#runtime);
    this.adopt(child);
    return child;
  }

  /** @throws {@link UnconnectedPortError} if a port required by this component or one below is open */
  override assertConnected(): void {
    const isOpen = (port: PortEnd): boolean => port.role === 'required' && !port.connected;
    const open = this.#component && this.ports.find(isOpen);
    if (open) throw new UnconnectedPortError(this.path, `${open.type.name} (${this.nameOf(open)})`);
    for (const child of this.children) child.assertConnected();
  }

  override get turns(): Scheduler {
    return this.#runtime.scheduler;
  }

  protected override handleControl(event: Start | Stop | Kill): void {
    const port = this.#desk?.port;
    if (!port) return;
    const delivery = wiring.deliveryTo(port, classOf(event));
    this.#runtime.trace.within(port, event, () => {
      for (const handler of delivery instanceof DeliveryTo ? delivery.handlers : []) handler(event);
      if (port.observed) wiring.publish(port, event);
    });
  }

  protected override settled(): void {
    this.#runtime.settled(this);
  }

  protected override report(fault: ComponentFault): void {
    this.#runtime.faulted(this, fault);
  }

  protected override close(): void {
    for (const port of this.ports) wiring.close(port);
    if (this.#desk) wiring.close(this.#desk.port);
  }
}

/** Takes what arrives at the control port of a cell: it is a matter of life, and does not queue. */
class ControlDesk implements PortOwner {
  readonly port: ProvidedPort<typeof Control>;
  readonly #cell: Cell;

  constructor(cell: Cell) {
    this.#cell = cell;
    this.port = new ProvidedPort(Control, this);
    // A command is obeyed whether or not the component has a handler for it.
    for (const command of Control.requests) this.port.upon(command, () => undefined);
  }

  get path(): string {
    return this.#cell.path;
  }

  get host(): Host {
    return this.#cell.host;
  }

  nameOf(): string {
    return 'control';
  }

  /** What a component does upon a command is traced where it does it. */
  hopTo(delivery: Delivery): Hop {
    return delivery;
  }

  deadLetter(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    this.#cell.deadLetter(port, event, reason);
  }

  fault(cause: unknown): void {
    this.#cell.fault(cause);
  }

  get turns(): Scheduler {
    return this.#cell.turns;
  }

  accept(delivery: Delivery, event: PortEvent): void {
    if (this.#cell.state === 'killed') this.deadLetter(delivery.port, event, 'killed');
    else if (event instanceof Kill) void this.#cell.kill();
    else if (event instanceof Start) this.#cell.start();
    else this.#cell.stop();
  }

  /** It takes no turn, and so what follows is never asked of it. */
  claim(): boolean {
    return false;
  }

  unclaim(): void {
    // See claim.
  }

  run(): number {
    return 0;
  }

  runWith(delivery: Delivery, event: PortEvent): number {
    this.accept(delivery, event);
    return 1;
  }

  takeBack(delivery: Delivery, event: PortEvent): void {
    this.accept(delivery, event);
  }
}
