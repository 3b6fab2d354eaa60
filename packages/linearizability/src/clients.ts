import { isPending, type Operation } from './operation';

/** What is wrong with an operation among others. */
export interface Fault {
  readonly index: number;
  readonly reason: string;
}

/**
 * The first operation that its client cannot have called: while it waited for another, or after one of which it
 * never learnt the outcome, since that may take effect still.
 */
export function faultIn(operations: readonly Operation[]): Fault | undefined {
  const clients = new Map<number, Called[]>();
  operations.forEach((operation, index) => {
    const called = clients.get(operation.client);
    if (called) called.push({ operation, index });
    else clients.set(operation.client, [{ operation, index }]);
  });
  let first: Fault | undefined;
  for (const called of clients.values()) {
    called.sort(({ operation: a }, { operation: b }) => a.call - b.call || endOf(a) - endOf(b));
    called.forEach(({ operation, index }, at) => {
      const before = called[at - 1]?.operation;
      if (!before || endOf(before) <= operation.call) return;
      if (!first || index < first.index) first = { index, reason: reasonOf(before) };
    });
  }
  return first;
}

interface Called {
  readonly operation: Operation;
  readonly index: number;
}

function reasonOf(before: Operation): string {
  const { client, op, call } = before;
  const what = `client ${String(client)} calls again, though its ${op} called at ${String(call)}`;
  return isPending(before)
    ? `${what} has no known outcome: let it go on under a number that nobody had`
    : `${what} is not over: a client has one operation at a time`;
}

/** When the client may go on. What it read is not known to the history, but nothing can come of it either. */
function endOf(operation: Operation): number {
  const { op, return: end } = operation;
  if (op !== 'read' && op !== 'get' && isPending(operation)) return Infinity;
  return end ?? Infinity;
}
