/** Two signals closer than this are one: a terminal and npm both pass on the same Ctrl-C. */
const sameSignalMs = 300;

/**
 * Calls `stop` at the first SIGINT or SIGTERM, and `kill` at any after it.
 * @returns what takes the handlers away
 */
export function onStopSignals(
  stop: (signal: NodeJS.Signals) => void,
  kill: () => void,
): () => void {
  let firstMs: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      stop(signal);
    } else if (performance.now() - firstMs > sameSignalMs) {
      kill();
    }
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
}

/** What a shell reports for a process that SIGINT ended. */
export const killedExitCode = 130;
