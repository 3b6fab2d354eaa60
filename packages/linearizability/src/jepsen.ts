import type { Fail, Edn } from './edn';
import type { Action, MicroOperation, Operation, Value } from './operation';

/** One line of a log of Jepsen: something was invoked, or came to an end. */
export interface JepsenEvent {
  /** The number of characters before it. */
  readonly at: number;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** What was asked for, as Jepsen calls it, without the colon. */
  readonly f: string;
  readonly key?: string;
  readonly value?: Edn;
}

interface Open {
  readonly event: JepsenEvent;
  readonly call: number;
}

/**
 * The operations of `events`, which are in the order of time. What came to no end, or to `info`, is unknown.
 * @throws {@link MalformedHistoryError}
 */
export function operationsOf(events: readonly JepsenEvent[], fail: Fail): readonly Operation[] {
  const operations: Operation[] = [];
  const open = new Map<number, Open>();
  const lost = new Set<number>();
  events.forEach((event, time) => {
    const { at, process, type, f } = event;
    const started = open.get(process);
    if (type === 'invoke') {
      if (started) {
        throw fail(at, `process ${String(process)} has not finished its ${started.event.f}`);
      }
      if (lost.has(process)) {
        throw fail(at, `process ${String(process)} has an unknown outcome: it goes on as another`);
      }
      open.set(process, { event, call: time });
      return;
    }
    if (!started) throw fail(at, `process ${String(process)} has invoked nothing that could end`);
    if (started.event.f !== f) throw fail(at, `this ends ${f}, and ${started.event.f} was invoked`);
    open.delete(process);
    if (type === 'info') lost.add(process);
    operations.push(operationOf(started, event, time, fail));
  });
  for (const started of open.values()) operations.push(operationOf(started, undefined, 0, fail));
  return operations.sort((a, b) => a.call - b.call);
}

function operationOf(
  { event, call }: Open,
  end: JepsenEvent | undefined,
  time: number,
  fail: Fail,
): Operation {
  const isKnown = end && end.type !== 'info';
  const status = !isKnown || end.type === 'invoke' ? 'unknown' : end.type;
  const action = actionOf(event, status === 'ok' ? end : undefined, fail);
  return { client: event.process, ...action, call, return: isKnown ? time : null, status };
}

/** What was asked for by `event` and answered by `end`, if it was. */
function actionOf(event: JepsenEvent, end: JepsenEvent | undefined, fail: Fail): Action {
  const { f: op, key, at } = event;
  const keyed = key === undefined ? {} : { key };
  const asked = event.value;
  switch (op) {
    case 'read':
    case 'get':
      return { op, ...keyed, value: end ? valueOf(end.value, end.at, fail) : null };
    case 'write':
    case 'put':
    case 'append':
      return { op, ...keyed, value: valueOf(asked, at, fail) };
    case 'cas': {
      const [from, to] = asked?.kind === 'list' ? asked.items : [];
      if (!from || !to) throw fail(asked?.at ?? at, 'cas has a value of two: [from to]');
      return { op, ...keyed, from: valueOf(from, at, fail), to: valueOf(to, at, fail) };
    }
    case 'txn':
      return { op, txn: stepsOf(end?.value ?? asked, at, fail) };
    case 'delete':
    case 'acquire':
    case 'release':
      return { op, ...keyed };
    default:
      throw fail(
        at,
        `${op} is none of read, write, cas, get, put, append, delete, txn, acquire and release`,
      );
  }
}

function stepsOf(txn: Edn | undefined, at: number, fail: Fail): readonly MicroOperation[] {
  if (txn?.kind !== 'list') throw fail(txn?.at ?? at, 'a transaction is a list of steps');
  return txn.items.map((step): MicroOperation => {
    const [kind, key, value] = step.kind === 'list' ? step.items : [];
    const name = kind?.kind === 'atom' ? kind.value : undefined;
    const isRead = name === ':read' || name === ':r';
    if (!key || (!isRead && name !== ':write' && name !== ':w')) {
      throw fail(step.at, 'a step of a transaction is [:read key value] or [:write key value]');
    }
    return [isRead ? 'read' : 'write', keyOf(key, fail), valueOf(value, step.at, fail)];
  });
}

/** A key as text, without the colon of a keyword. */
export function keyOf(form: Edn, fail: Fail): string {
  return String(valueOf(form, form.at, fail)).replace(/^:/, '');
}

function valueOf(form: Edn | undefined, at: number, fail: Fail): Value {
  if (form === undefined) return null;
  if (form.kind === 'atom') return form.value;
  throw fail(form.at || at, 'this is no single value');
}
