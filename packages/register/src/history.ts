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
  const found = new Set(calls.map((call) => call.found));
  const relevant = calls.filter((call) => {
    const neverAnswered = call.returnedAt === Infinity;
    return !neverAnswered || (call.written !== undefined && found.has(call.written));
  });
  return isAtomicFrom(relevant, undefined, new Set());
}

/** Whether `left`, what has not happened yet, can go on from `value`. */
function isAtomicFrom(
  left: readonly Call[],
  value: string | undefined,
  triedStates: Set<string>,
): boolean {
  const firstReturn = Math.min(...left.map((call) => call.returnedAt));
  if (firstReturn === Infinity) return true; // Nothing that is left needs to have happened.
  const next = left.filter((call) => call.invokedAt < firstReturn);
  // A read that fits may as well come now: it changes nothing for those after it.
  const fitting = next.find((call) => call.written === undefined && call.found === value);
  if (fitting) return isAtomicFrom(without(left, fitting), value, triedStates);
  const state = [...left.map((call) => call.invokedAt), value].join();
  if (triedStates.has(state)) return false;
  triedStates.add(state);
  return next
    .filter((call) => call.written !== undefined)
    .some((write) => isAtomicFrom(without(left, write), write.written, triedStates));
}

function without(calls: readonly Call[], gone: Call): readonly Call[] {
  return calls.filter((call) => call !== gone);
}
