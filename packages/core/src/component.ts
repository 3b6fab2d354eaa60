import { Cell, type CreationOptions } from './cell';
import type { Context } from './context';
import { Edge, Inlet } from './edge';
import { ReplacementError, invariant } from './errors';
import { Incarnation } from './incarnation';
import type { Control, LifeState } from './life';
import { ProvidedPort, RequiredPort } from './port';
import type { PortType } from './port-type';
import { successor, type InitOf } from './succession';

const restingStates: readonly LifeState[] = ['stopping', 'stopped', 'killed'];

/** A class of components, to be created with `init`. */
export type ComponentClass<C extends Component, Init extends readonly unknown[]> = new (
  context: Context,
  ...init: Init
) => C;

/** Few components have one. */
const edges = new WeakMap<Component, Edge>();

/** The cell of a component, which its users do not see. */
export let cellOf: (component: Component) => Cell;

/**
 * A unit of behaviour which talks to others through its ports only.
 *
 * A subclass declares its ports as public fields and subscribes its handlers in its constructor. It
 * holds no reference to another component, reads no clock, draws no chance but from its context, and
 * awaits nothing in a handler: one event at a time, in the order of arrival over all its ports.
 */
export abstract class Component {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
    cellOf(this);
  }

  /** Where the component is told to start, stop and end. Handle {@link Start} to begin. */
  get control(): ProvidedPort<typeof Control> {
    return cellOf(this).control;
  }

  /**
   * Where promises and Observables come in, as events; {@link Context.edge} is for callbacks. A port
   * named `edge` in the graph, once it is used.
   */
  protected get edge(): Edge {
    const known = edges.get(this);
    if (known) return known;
    const resting = (): boolean => restingStates.includes(cellOf(this).state);
    const inside = { context: this.#context, control: this.control, resting };
    const edge = new Edge(this.provides(Inlet), inside);
    edges.set(this, edge);
    return edge;
  }

  /** Declares a port through which this component offers the abstraction `type`. */
  protected provides<P extends PortType>(type: P): ProvidedPort<P> {
    return cellOf(this).hold(ProvidedPort<P>, type);
  }

  /** Declares a port through which this component uses the abstraction `type`. */
  protected requires<P extends PortType>(type: P): RequiredPort<P> {
    return cellOf(this).hold(RequiredPort<P>, type);
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
    return cellOf(this).create({}, type, init);
  }

  /**
   * As {@link create}, with options, such as what is done about the faults of the child.
   * @throws {@link InvalidOptionError}
   */
  protected createWith<C extends Component, Init extends readonly unknown[]>(
    options: CreationOptions,
    type: ComponentClass<C, Init>,
    ...init: NoInfer<Init>
  ): C {
    return cellOf(this).create(options, type, init);
  }

  /**
   * Puts a new component in the place of the child `old`, as {@link System.replace} does; what fails
   * then is a fault of the child.
   * @throws {@link ReplacementError} if `old` is no child of this one, or is being replaced already
   */
  protected replace<Old extends Component, C extends Component, Init extends readonly unknown[]>(
    old: Old,
    type: ComponentClass<C, Init>,
    init: InitOf<Old, Init>,
    connect?: (successor: NoInfer<C>) => void,
  ): void {
    const cell = cellOf(old);
    if (!cellOf(this).isParentOf(cell)) {
      throw new ReplacementError(cell.path, 'only the component that created it does that');
    }
    const nothing = (): void => undefined;
    cell.replace(old, successor(type, init, connect), nothing, nothing);
  }

  static {
    cellOf = (component) => {
      const context = component.#context;
      const cell = context instanceof Incarnation ? context.cell : context;
      invariant(cell instanceof Cell, 'a component is made by create, which gives it its context');
      return cell;
    };
  }
}
