import type { Operation } from './operation';

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

/**
 * The operation that `fields` are, or what is wrong with them. Other fields are left alone. It is the same object:
 * a history has millions, and copies would take as long as all else.
 */
export function operationOf(fields: Fields): Operation | Misfit {
  const misfit = misfitInTime(fields) ?? misfitInAction(fields);
  if (misfit) return misfit;
  const { op, value } = fields;
  const isAnswer = op === 'read' || op === 'get' || op === 'increment';
  const whole: unknown = isAnswer && value === undefined ? { ...fields, value: null } : fields;
  return whole as Operation;
}

function misfitInTime({ client, call, return: end, status }: Fields): Misfit | undefined {
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
  return end !== null && end < call ? new Misfit('return', 'no smaller than call') : undefined;
}

function misfitInAction(fields: Fields): Misfit | undefined {
  const { op, key, by, status } = fields;
  if (key !== undefined && typeof key !== 'string') return new Misfit('key', 'a string');
  switch (op) {
    case 'read':
    case 'get':
      return status !== 'ok' && fields['value'] === undefined ? undefined : misfitInValue(fields);
    case 'write':
    case 'put':
    case 'append':
      return misfitInValue(fields);
    case 'cas':
      return misfitInValue(fields, 'from') ?? misfitInValue(fields, 'to');
    case 'increment':
      if (by !== undefined && !isWhole(by)) return new Misfit('by', 'a whole number');
      return status !== 'ok' || isCount(fields['value'])
        ? undefined
        : new Misfit('value', 'the sum, a whole number');
    case 'txn':
      return isTransaction(fields['txn'])
        ? undefined
        : new Misfit('txn', 'a list of ["read" or "write", key, value]');
    case 'delete':
    case 'acquire':
    case 'release':
      return undefined;
    default:
      return new Misfit('op', `one of ${names}`);
  }
}

function misfitInValue(fields: Fields, field = 'value'): Misfit | undefined {
  if (isValue(fields[field])) return undefined;
  return new Misfit(field, 'a string, a number, a boolean or null');
}

function isTransaction(txn: unknown): boolean {
  if (!Array.isArray(txn)) return false;
  return txn.every((step: unknown) => {
    if (!Array.isArray(step) || step.length !== 3) return false;
    const [kind, key, value] = step as readonly unknown[];
    return (kind === 'read' || kind === 'write') && typeof key === 'string' && isValue(value);
  });
}

function isValue(value: unknown): boolean {
  if (value === null || typeof value === 'string') return true;
  return typeof value === 'number' || typeof value === 'boolean';
}

function isCount(value: unknown): boolean {
  return isWhole(value) || (typeof value === 'string' && /^-?\d+$/.test(value));
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
