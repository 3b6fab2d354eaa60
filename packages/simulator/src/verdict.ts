import { check, jsonLineOf, keyValue, type Operation } from '@jbstore/linearizability';

import { flawOfCounts } from './ledger';
import type { RunFailure } from './outcome';

/** What is to be said of the history of a run: what is wrong with it, or that nobody can tell. */
export type HistoryFlaw = Pick<RunFailure, 'kind' | 'what'> | 'unknown' | undefined;

/**
 * Linearizable, and counted as often as was asked for: within each line of each key, as across them nothing is promised.
 * In a line, what was answered in another one may have been performed as well, once, or not: the survivors may have it or
 * not, and a late copy of it may come when nobody knows of it any more.
 *
 * @param lineOf - in which line of its key it was answered
 */
export function flawOfHistory(
  history: readonly Operation[],
  lineOf: (operation: Operation) => number,
): HistoryFlaw {
  const newest = Math.max(0, ...history.map(lineOf));
  let isUnknown = false;
  for (let line = 0; line <= newest; line += 1) {
    const own = history.flatMap((operation) => seenFrom(line, lineOf(operation), operation));
    const flaw = flawOfLine(own);
    if (flaw === 'unknown') isUnknown = true;
    else if (flaw) return flaw;
  }
  return isUnknown ? 'unknown' : undefined;
}

function seenFrom(line: number, own: number, operation: Operation): readonly Operation[] {
  if (own === line) return [operation];
  if (operation.op === 'get' || operation.status === 'fail') return [];
  const unanswered = { return: null, status: 'unknown' } as const;
  return [{ ...operation, ...unanswered }];
}

function flawOfLine(history: readonly Operation[]): HistoryFlaw {
  const flaw = flawOfCounts(history);
  if (flaw !== undefined) return { kind: 'invariant', what: `exactly once: ${flaw}` };
  const { verdict, failure } = check(history, keyValue());
  if (failure) return { kind: 'not linearizable', what: jsonLineOf(failure.unplaced).trim() };
  return verdict === 'unknown' ? 'unknown' : undefined;
}
