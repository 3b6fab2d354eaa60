import type { ComponentFault } from './errors';

/** What becomes of the event that a component was handling when it failed. */
export type Settlement = 'skip' | 'retry' | 'dead-letter';

/** A fault, with the event on which it came, until it is settled what becomes of that. */
export class Failure {
  #settle: ((how: Settlement) => void) | undefined;

  /**
   * @param origin - the component that failed
   * @param settle - settles the event; undefined if it failed outside a handler
   */
  constructor(
    readonly fault: ComponentFault,
    readonly origin: object,
    settle: ((how: Settlement) => void) | undefined,
  ) {
    this.#settle = settle;
  }

  /** Only the first settlement counts. */
  settle(how: Settlement): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(how);
  }
}
