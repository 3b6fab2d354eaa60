/** One operation on one register, as its caller saw it. Moments are counted up, one for each event. */
export interface Call {
  /** What was written; undefined for a read. */
  readonly written: string | undefined;
  readonly invokedAt: number;
  /** Infinity if it never was answered: then it may take effect later, or never. */
  returnedAt: number;
  /** What was read; undefined if there was no value yet. */
  found: string | undefined;
}

/**
 * True if the calls, all on one register without a value at first, can be put in one order in which each
 * read finds the last value written, and in which a call that returned before another one began stands
 * before it (linearizability; the search of Wing and Gong 1993, which tries each state once).
 */
export function isAtomic(calls: readonly Call[]): boolean {
  const relevant = calls.filter(
    (call) => call.written !== undefined || Number.isFinite(call.returnedAt),
  );
  return isAtomicFrom(relevant, new Set(relevant), undefined, new Set());
}

function isAtomicFrom(
  calls: readonly Call[],
  left: ReadonlySet<Call>,
  value: string | undefined,
  triedStates: Set<string>,
): boolean {
  const firstReturn = Math.min(...[...left].map((call) => call.returnedAt));
  if (firstReturn === Infinity) return true; // Nothing that is left needs to have happened.
  const state = `${calls.map((call) => (left.has(call) ? '1' : '0')).join('')} ${String(value)}`;
  if (triedStates.has(state)) return false;
  triedStates.add(state);
  return [...left].some((call) => {
    if (call.invokedAt > firstReturn) return false;
    if (call.written === undefined && call.found !== value) return false;
    const rest = new Set(left);
    rest.delete(call);
    return isAtomicFrom(calls, rest, call.written ?? value, triedStates);
  });
}
