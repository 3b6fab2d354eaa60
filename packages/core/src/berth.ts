import type { Unsubscribable } from 'rxjs';

import type { Context } from './context';
import { ControlDesk } from './control-desk';
import { DeliveryTo, type Hop } from './delivery';
import { UnconnectedPortError } from './errors';
import { classOf } from './event';
import type { Control, Kill, Start, Stop } from './life';
import type { ProvidedPort } from './port';
import { wiring, type Delivery, type PortEnd, type PortOwner } from './port-end';
import type { PortType } from './port-type';
import type { Recipe } from './recipe';
import type { Scheduler } from './scheduler';
import type { Trace } from './trace';
import { Ward } from './ward';

/**
 * The instance in a cell and the ports, which outlast it: the next instance takes over those of the
 * same role and type, in the order of declaration, so that whoever is connected with them stays so.
 */
export abstract class Berth<B extends Berth<B>> extends Ward<B> implements PortOwner {
  /** Where an instance is being made, and the ports that it has not asked for yet. */
  static #making: { readonly berth: object; readonly unclaimed: PortEnd[] } | undefined;

  #component: object | undefined;
  /** Most components have one port, which then stands here itself. */
  #ports: PortEnd | PortEnd[] | undefined;

  abstract override readonly turns: Scheduler;
  protected abstract readonly trace: Trace;
  /** The context of an instance before which there were `number` others. */
  protected abstract incarnation(number: number): Context;
  abstract feedFailed(cause: unknown): void;
  abstract hopTo(delivery: Delivery): Hop;

  /** What was made in this cell last; undefined at the root, outside, and until it is made. */
  override get component(): object | undefined {
    return this.#component;
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
    return (this.own.desk ??= new ControlDesk(this)).port;
  }

  /** A port of this component: that which the instance before had in its place, or a new one. */
  hold<P extends PortType, E extends PortEnd>(
    end: new (type: P, owner: PortOwner) => E,
    type: P,
  ): E {
    const unclaimed = Berth.#making?.berth === this ? Berth.#making.unclaimed : [];
    const index = unclaimed.findIndex((one) => one instanceof end && one.type === type);
    const [kept] = index >= 0 ? unclaimed.splice(index, 1) : [];
    const port = (kept as E | undefined) ?? new end(type, this);
    this.keep(port);
    return port;
  }

  override nameOf(port: PortEnd): string {
    const fields = Object.entries(this.#component ?? {});
    const field = fields.find(([, value]) => value === port)?.[0];
    if (field !== undefined) return field;
    const alike = this.ports.filter(({ type }) => type === port.type).indexOf(port);
    return alike <= 0 ? port.type.name : `${port.type.name}-${String(alike + 1)}`;
  }

  /** What an instance observes from its making on, it no longer observes when it has ended. */
  subscribed(subscription: Unsubscribable): void {
    if (Berth.#making?.berth === this) {
      this.own.releases.push(() => {
        subscription.unsubscribe();
      });
    }
  }

  /** @throws {@link UnconnectedPortError} if a port required by this component or one below is open */
  override assertConnected(): void {
    const isOpen = (port: PortEnd): boolean => port.role === 'required' && !port.connected;
    const open = this.#component && this.ports.find(isOpen);
    if (open) throw new UnconnectedPortError(this.path, `${open.type.name} (${this.nameOf(open)})`);
    for (const child of this.children) child.assertConnected();
  }

  protected keep(port: PortEnd): void {
    if (this.#ports instanceof Array) this.#ports.push(port);
    else this.#ports = this.#ports ? [this.#ports, port] : port;
  }

  protected forget(ports: ReadonlySet<PortEnd>): void {
    this.#ports = this.ports.filter((port) => !ports.has(port));
  }

  protected override handleControl(event: Start | Stop | Kill): void {
    const port = this.held?.desk?.port;
    if (!port) return;
    const delivery = wiring.deliveryTo(port, classOf(event));
    this.trace.within(port, event, () => {
      for (const handler of delivery instanceof DeliveryTo ? delivery.handlers : []) handler(event);
      if (port.observed) wiring.publish(port, event);
    });
  }

  protected override construct(recipe: Recipe, complete: boolean): void {
    const { ports } = this;
    const handlers = ports.map((port) => wiring.rehandle(port));
    const former = this.#component;
    this.trace.forgetNames();
    this.own.incarnation += 1;
    this.#ports = undefined;
    const unclaimed = [...ports];
    try {
      const context = this.incarnation(this.own.incarnation);
      const component = this.make(context, recipe.make, unclaimed);
      recipe.connect?.(component);
      if (complete) this.assertConnected();
    } catch (error) {
      // What is sent to it meanwhile waits for the next instance, as if this one had not been made.
      for (const port of this.ports) if (!ports.includes(port)) wiring.close(port);
      ports.forEach((port, index) => wiring.rehandle(port, handlers[index]));
      this.#ports = [...ports];
      this.#component = former;
      this.forgetControl();
      throw error;
    }
    for (const port of unclaimed) wiring.close(port);
  }

  protected override forgetControl(): void {
    this.held?.desk?.clear();
  }

  protected override close(): void {
    for (const port of this.ports) wiring.close(port);
    const desk = this.held?.desk;
    if (desk) wiring.close(desk.port);
  }

  /** Makes an instance, which takes over what it asks for of the ports `unclaimed`. */
  protected make<C extends object>(
    context: Context,
    make: (context: Context) => C,
    unclaimed: PortEnd[] = [],
  ): C {
    const outer = Berth.#making;
    Berth.#making = { berth: this, unclaimed };
    this.#component = undefined;
    try {
      const component = make(context);
      this.#component = component;
      return component;
    } finally {
      Berth.#making = outer;
    }
  }
}
