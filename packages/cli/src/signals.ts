/** Two signals closer than this are one: a terminal and npm both pass on the same Ctrl-C. */
const sameSignalMs = 300;

/** Calls `stop` at the first SIGINT or SIGTERM, and `kill` at any after it. */
export function onStopSignals(stop: () => void, kill: () => void): void {
  let firstMs: number | undefined;
  const handle = (): void => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      stop();
    } else if (performance.now() - firstMs > sameSignalMs) {
      kill();
    }
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}

/** What a shell reports for a process that SIGINT ended. */
export const killedExitCode = 130;
