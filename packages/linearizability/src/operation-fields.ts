import type { Action, Interval, MicroOperation, Operation, Value } from './operation';

/** Fields as JSON has them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field that is not as it should be. */
export class Misfit {
  constructor(
    readonly field: string,
    readonly rule: string,
  ) {}
}

const names = 'read, write, get, put, append, delete, cas, increment, txn, acquire, release';

/** The operation that `fields` stand for, or what is wrong with them. Other fields are left alone. */
export function operationOf(fields: Fields): Operation | Misfit {
  const interval = intervalOf(fields);
  if (interval instanceof Misfit) return interval;
  const action = actionOf(fields, interval.status === 'ok');
  if (action instanceof Misfit) return action;
  return { ...interval, ...action };
}

function intervalOf({ client, call, return: end, status }: Fields): Interval | Misfit {
  if (!isWhole(client)) return new Misfit('client', 'a whole number that names the caller');
  if (!isTime(call)) return new Misfit('call', 'a number, the time of the call');
  if (status !== 'ok' && status !== 'fail' && status !== 'unknown') {
    return new Misfit('status', '"ok", "fail" or "unknown"');
  }
  if (end !== null && !isTime(end)) {
    return new Misfit('return', 'a number, the time of the answer, or null if none came');
  }
  if (end === null && status !== 'unknown') {
    return new Misfit('return', `a number, as the status is ${status}`);
  }
  if (end !== null && end < call) return new Misfit('return', 'no smaller than call');
  return { client, call, return: end, status };
}

function actionOf(fields: Fields, answered: boolean): Action | Misfit {
  const { op, key, value, from, to, by, txn } = fields;
  if (key !== undefined && typeof key !== 'string') return new Misfit('key', 'a string');
  const keyed = key === undefined ? {} : { key };
  switch (op) {
    case 'read':
    case 'get':
      if (!answered) return { op, ...keyed, value: isValue(value) ? value : null };
      return isValue(value) ? { op, ...keyed, value } : valueMisfit('value');
    case 'write':
    case 'put':
    case 'append':
      return isValue(value) ? { op, ...keyed, value } : valueMisfit('value');
    case 'cas':
      if (!isValue(from)) return valueMisfit('from');
      return isValue(to) ? { op, ...keyed, from, to } : valueMisfit('to');
    case 'increment':
      if (by !== undefined && !isWhole(by)) return new Misfit('by', 'a whole number');
      if (answered && !isCount(value)) return new Misfit('value', 'the sum, a whole number');
      return {
        op,
        ...keyed,
        ...(by !== undefined && { by }),
        value: isValue(value) ? value : null,
      };
    case 'txn': {
      const steps = stepsOf(txn);
      return steps
        ? { op, txn: steps }
        : new Misfit('txn', 'a list of ["read" or "write", key, value]');
    }
    case 'delete':
    case 'acquire':
    case 'release':
      return { op, ...keyed };
    default:
      return new Misfit('op', `one of ${names}`);
  }
}

function stepsOf(txn: unknown): readonly MicroOperation[] | undefined {
  if (!Array.isArray(txn)) return undefined;
  const steps = txn.flatMap((step: unknown): readonly MicroOperation[] => {
    if (!Array.isArray(step) || step.length !== 3) return [];
    const [kind, key, value] = step as readonly unknown[];
    const isKind = kind === 'read' || kind === 'write';
    return isKind && typeof key === 'string' && isValue(value) ? [[kind, key, value]] : [];
  });
  return steps.length === txn.length ? steps : undefined;
}

function valueMisfit(field: string): Misfit {
  return new Misfit(field, 'a string, a number, a boolean or null');
}

function isValue(value: unknown): value is Value {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isCount(value: unknown): value is Value {
  return isWhole(value) || (typeof value === 'string' && /^-?\d+$/.test(value));
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
