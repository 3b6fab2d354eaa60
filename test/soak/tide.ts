/** Comes and goes when the driver lets it: what asynchronous work waits for. */
export class Tide {
  #resolve: () => void = () => undefined;
  #next = this.#make();

  /** Resolves when it turns next. */
  get next(): Promise<void> {
    return this.#next;
  }

  turn(): void {
    const resolve = this.#resolve;
    this.#next = this.#make();
    resolve();
  }

  #make(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
