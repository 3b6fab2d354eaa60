/**
 * What a system needs of the world around it: time, and turns of an event loop.
 * Only the scheduler and components at the edge (timer, network) use it.
 */
export interface Host {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Milliseconds since 1970 (UTC) by the clock of the machine, which may be wrong, and may go back. */
  wallTimeMs(): number;
  /** Runs `task` once, `delayMs` milliseconds from now or later, never earlier. Returns what cancels it. */
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
  wallTimeMs: () => Date.now(),
  after(delayMs, task) {
    const dueMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      timer = setTimeout(fire, Math.min(Math.ceil(remainingMs), longestDelayMs));
    };
    // Node counts in whole milliseconds, so a timer may come a little early: it is set once more.
    const fire = (): void => {
      const remainingMs = dueMs - performance.now();
      if (remainingMs > 0) arm(remainingMs);
      else task();
    };
    arm(delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  soon: queueMicrotask,
  afterIo: (task) => void setImmediate(task),
};
