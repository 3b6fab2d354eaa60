import { Cell } from './cell';
import type { Context } from './context';
import { invariant } from './errors';
import type { Control } from './life';
import { ProvidedPort, RequiredPort } from './port';
import type { PortType } from './port-type';

/** A class of components, to be created with `init`. */
export type ComponentClass<C extends Component, Init extends readonly unknown[]> = new (
  context: Context,
  ...init: Init
) => C;

/**
 * A unit of behaviour which talks to others through its ports only.
 *
 * A subclass declares its ports as public fields and subscribes its handlers in its constructor. It
 * holds no reference to another component, reads no clock, draws no chance but from its context, and
 * awaits nothing in a handler: one event at a time, in the order of arrival over all its ports.
 */
export abstract class Component {
  readonly #cell: Cell;

  constructor(context: Context) {
    invariant(context instanceof Cell, 'a component is made by create, which gives it its context');
    this.#cell = context;
  }

  /** Where the component is told to start, stop and end. Handle {@link Start} to begin. */
  get control(): ProvidedPort<typeof Control> {
    return this.#cell.control;
  }

  /** Declares a port through which this component offers the abstraction `type`. */
  protected provides<P extends PortType>(type: P): ProvidedPort<P> {
    const port = new ProvidedPort(type, this.#cell);
    this.#cell.hold(port);
    return port;
  }

  /** Declares a port through which this component uses the abstraction `type`. */
  protected requires<P extends PortType>(type: P): RequiredPort<P> {
    const port = new RequiredPort(type, this.#cell);
    this.#cell.hold(port);
    return port;
  }

  /**
   * Creates a child, which starts and stops with this component. An assembly is a component that
   * does this and connects what it created, and nothing else. What its users shall reach, it offers
   * as a field of its own: `readonly store = this.create(Store).store`.
   */
  protected create<C extends Component, Init extends readonly unknown[]>(
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return this.#cell.create(type, ...init);
  }
}
