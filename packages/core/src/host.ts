/**
 * What a system needs of the world around it: time, and turns of an event loop.
 * Only the scheduler and components at the edge (timer, network) use it.
 */
export interface Host {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Runs `task` once, `delayMs` milliseconds from now or later. Returns what cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs `task` after the code that is running now. */
  soon(task: () => void): void;
  /** Runs `task` after input, output and timers had their turn. */
  afterIo(task: () => void): void;
}

/** Longer delays overflow `setTimeout`, which then fires at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The {@link Host} of production: Node's event loop. */
export const realHost: Host = {
  now: () => performance.now(),
  after(delayMs, task) {
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      timer =
        remainingMs > longestDelayMs
          ? setTimeout(arm, longestDelayMs, remainingMs - longestDelayMs)
          : setTimeout(task, remainingMs);
    };
    arm(delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  soon: queueMicrotask,
  afterIo: (task) => void setImmediate(task),
};
