import { Cell } from './cell';
import { wiring, type PortEnd, type PortOwner } from './port-end';
import type { PortType } from './port-type';

/**
 * The program around a system, which holds the other ends of ports of components. What it holds of a component that was
 * killed it lets go, or a program whose components come and go would hold more and more.
 */
export class Outside extends Cell {
  /** No two ports of a type ever have the same. */
  readonly #names = new WeakMap<PortEnd, string>();
  /** Those at whose other end nobody is any more. */
  readonly #bereft = new Set<PortEnd>();
  /** So many of them are looked at again: some may be in use for good. */
  #due = 1;
  /** What was let go, as long as the program does not connect it again. */
  readonly #gone = new WeakSet<PortEnd>();
  #handledByGone = 0;

  override get handledEvents(): number {
    return super.handledEvents + this.#handledByGone;
  }

  override hold<P extends PortType, E extends PortEnd>(
    end: new (type: P, owner: PortOwner) => E,
    type: P,
  ): E {
    const port = super.hold(end, type);
    const number = this.nextNumber(type.name);
    this.#names.set(port, number === 1 ? type.name : `${type.name}-${String(number)}`);
    return port;
  }

  override nameOf(port: PortEnd): string {
    return this.#names.get(port) ?? super.nameOf(port);
  }

  attached(port: PortEnd): void {
    this.#bereft.delete(port);
    if (!this.#gone.delete(port)) return;
    this.#handledByGone -= wiring.handledAt(port);
    this.keep(port);
  }

  bereft(port: PortEnd): void {
    this.#bereft.add(port);
    // What waits here is handled first, and a system that ends closes all.
    if (this.#bereft.size < this.#due || this.queuedEvents > 0) return;
    if (this.root.state !== 'killed') this.#letGo();
  }

  #letGo(): void {
    const idle = new Set([...this.#bereft].filter((port) => wiring.isIdle(port)));
    for (const port of idle) {
      this.#bereft.delete(port);
      this.#gone.add(port);
      this.#handledByGone += wiring.handledAt(port);
    }
    this.forget(idle);
    this.#due = 2 * this.#bereft.size + 1;
  }
}
