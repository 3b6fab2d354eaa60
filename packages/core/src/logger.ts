/** Where a component writes what people should read. Its fields are for machines. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

const nothing = (): void => undefined;

/** The default: a library says nothing unasked. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

/** Makes the logger of each component when it first writes; few do, so the others carry no field for it. */
export class Loggers {
  readonly #made = new WeakMap<object, Logger>();
  readonly #make: (path: string) => Logger;

  constructor(make: (path: string) => Logger) {
    this.#make = make;
  }

  of(component: { readonly path: string }): Logger {
    let logger = this.#made.get(component);
    if (!logger) this.#made.set(component, (logger = this.#make(component.path)));
    return logger;
  }
}
