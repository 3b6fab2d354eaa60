import type { Counter, Gauge } from './counter';
import type { Host } from './host';
import type { Logger } from './logger';
import type { Random } from './random';

/** What a component gets from its system. */
export interface Context {
  /** The names from the system down to this component: `system/parent/child`. */
  readonly path: string;

  /** Time and turns of the event loop, for components at the edge: a timer, a network. */
  readonly host: Host;

  /** Writes with the path of this component. */
  readonly log: Logger;

  /** A stream of chance for one purpose, the same in every run with the same seed. */
  random(purpose: string): Random;

  /** A live figure that only grows, listed by `System.counters`; the same one for the same labels. */
  counter(name: string, labels?: Readonly<Record<string, string>>): Counter;

  /** A live figure that goes down as well, such as the depth of a queue; listed beside the others. */
  gauge(name: string, labels?: Readonly<Record<string, string>>): Gauge;

  /**
   * Makes a callback for the world outside, such as a socket: what it throws is a fault of this
   * component, and once the component has failed or was killed it does nothing. What comes as a
   * promise or an Observable is brought by the component itself, as an event: `this.edge.bring`.
   */
  edge<Arguments extends readonly unknown[]>(
    callback: (...given: Arguments) => void,
  ): (...given: Arguments) => void;

  /** Runs `release`, and waits for it, when the component is killed. Last come, first released. */
  onRelease(release: () => void | Promise<void>): void;

  /** The component has failed and handles no further event. */
  fault(cause: unknown): void;
}
