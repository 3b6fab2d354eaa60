/** Who gives up when a signal aborts, by the signal. */
const waiting = new WeakMap<AbortSignal, Vigil>();

/** One listener of a signal for all who wait there: Node takes many of them for a leak, and warns. */
class Vigil {
  readonly #callbacks = new Set<() => void>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(callback: () => void): void {
    if (this.#callbacks.size === 0) this.#signal.addEventListener('abort', this.#aborted);
    this.#callbacks.add(callback);
  }

  delete(callback: () => void): void {
    this.#callbacks.delete(callback);
    if (this.#callbacks.size === 0) this.#signal.removeEventListener('abort', this.#aborted);
  }

  readonly #aborted = (): void => {
    for (const callback of this.#callbacks) {
      this.delete(callback);
      callback();
    }
  };
}

/** Runs `callback` once, when `signal` aborts, which it has not. */
export function uponAbort(signal: AbortSignal, callback: () => void): void {
  let vigil = waiting.get(signal);
  if (!vigil) waiting.set(signal, (vigil = new Vigil(signal)));
  vigil.add(callback);
}

/** What {@link uponAbort} was given is not run any more. */
export function forgetAbort(signal: AbortSignal, callback: () => void): void {
  waiting.get(signal)?.delete(callback);
}
