import type { Model, Semantics } from './model';
import { isPending, type Operation, type Value } from './operation';
import { accessOf, constrains, isRead, shown, stepOfValue } from './register';

/**
 * A store of keys that are independent of one another: put, get, delete, append, compare-and-set and
 * increment. Keys that hold nothing hold `absent`: nil, or the empty text as in Porcupine's model.
 */
export function keyValue(
  absent: Value = null,
  semantics: Semantics = 'porcupine',
): Model<Operation, Value> {
  return {
    name: `kv(${shown(absent)})/${semantics}-semantics`,
    init: absent,
    partition: partOf,
    step(value, operation) {
      switch (operation.op) {
        case 'delete':
          return [absent];
        case 'append':
          return [`${textOf(value)}${textOf(operation.value)}`];
        case 'increment':
          return incremented(value, operation);
        default:
          return stepOfValue('kv', value, operation);
      }
    },
    reads: isRead,
    constrains: (operation) => constrains(operation, semantics),
    access: (operation) => (operation.op === 'delete' ? { writes: absent } : accessOf(operation)),
  };
}

/** The key of `operation`; all without one are about the same thing. */
export function partOf(operation: Operation): string {
  return ('key' in operation ? operation.key : undefined) ?? '';
}

function textOf(value: Value): string {
  return value === null ? '' : String(value);
}

/** A counter is a number or its digits, and stays what it is; which it is at first, a later read tells. */
function incremented(value: Value, operation: Operation & { op: 'increment' }): readonly Value[] {
  const number = value === null || value === '' ? 0 : Number(value);
  if (!Number.isSafeInteger(number) || typeof value === 'boolean') return [];
  const sum = number + (operation.by ?? 1);
  const fits = operation.value === sum || operation.value === String(sum);
  if (!fits && !isPending(operation)) return [];
  if (typeof value === 'string') return [String(sum)];
  if (typeof value === 'number') return [sum];
  return typeof operation.value === 'string' ? [String(sum)] : [sum, String(sum)];
}
