import {
  isPending,
  type Interval,
  type MicroOperation,
  type Operation,
  type Value,
} from './operation';

/** `operation` in a few words: `put x "1"`, `get x → nil`, `cas 1 → 2 failed`. */
export function describeOperation(operation: Operation): string {
  const { op } = operation;
  const key = 'key' in operation ? ` ${operation.key}` : '';
  switch (op) {
    case 'read':
    case 'get':
      return `${op}${key} → ${isPending(operation) ? '?' : wordOf(operation.value)}`;
    case 'write':
    case 'put':
    case 'append':
      return `${op}${key} ${wordOf(operation.value)}`;
    case 'cas': {
      const failed = operation.status === 'fail' ? ' failed' : '';
      return `cas${key} from ${wordOf(operation.from)} to ${wordOf(operation.to)}${failed}`;
    }
    case 'increment':
      return `increment${key} by ${operation.by ?? 1} → ${isPending(operation) ? '?' : wordOf(operation.value)}`;
    case 'txn':
      return `txn ${operation.txn.map((step) => stepOf(step, operation)).join(', ')}`;
    case 'delete':
    case 'acquire':
    case 'release':
      return `${op}${key}`;
  }
}

function stepOf([kind, key, value]: MicroOperation, operation: Interval): string {
  if (kind === 'write') return `write ${key} ${wordOf(value)}`;
  return `read ${key} → ${isPending(operation) ? '?' : wordOf(value)}`;
}

function wordOf(value: Value): string {
  return value === null ? 'nil' : JSON.stringify(value);
}
