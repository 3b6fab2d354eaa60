import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Only some systems tell of processes in this way. */
export const procIsHere = existsSync('/proc');

/** The processes that `pid` has started, and those that these have started. */
export function descendantsOf(pid: number | undefined): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendantsOf)];
}

/** The processes that `pid` has started. */
export function childrenOf(pid: number | undefined): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => other > 0 && parentOf(other) === pid);
}

function parentOf(pid: number): number | undefined {
  const fields = statOf(pid)?.split(' ');
  return fields && Number(fields[1]);
}

/** True until it is gone, or only waits to be noticed. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && !stat.startsWith('Z');
}

/** What the system says of the process behind its name: state, parent, … */
function statOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return undefined;
  }
}
