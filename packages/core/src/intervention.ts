import type { Host } from './host';

/**
 * Something that is done to a component from outside it. Each step is a turn of its own, so that no
 * instance ends while a handler of it runs.
 */
export abstract class Intervention {
  /** A step is due in the next turn. */
  #imminent = false;
  #over = false;

  protected abstract readonly host: Host;
  /** The component above is suspended: nothing goes on below it. */
  protected abstract readonly held: boolean;
  protected abstract step(): void;
  /** After each step: those around may go on. */
  protected abstract stepped(): void;

  get imminent(): boolean {
    return this.#imminent;
  }

  /** Goes on, in a turn of its own, as far as it can. */
  proceed(): void {
    if (this.#over || this.#imminent) return;
    this.#imminent = true;
    this.host.soon(() => {
      this.#imminent = false;
      if (!this.#over && !this.held) this.step();
      this.stepped();
    });
  }

  protected get over(): boolean {
    return this.#over;
  }

  protected end(): void {
    this.#over = true;
  }
}
