import { ForeignOperationError } from './errors';
import type { Access, Model, Semantics } from './model';
import { isPending, type Operation, type Value } from './operation';

/** A register that is read and written. */
export function register(
  initial: Value,
  semantics: Semantics = 'porcupine',
): Model<Operation, Value> {
  return {
    name: `register(${shown(initial)})/${semantics}-semantics`,
    init: initial,
    step(value, operation) {
      if (operation.op === 'cas') throw new ForeignOperationError('register', 'cas');
      return stepOfValue('register', value, operation);
    },
    reads: isRead,
    constrains: (operation) => constrains(operation, semantics),
    access: accessOf,
  };
}

/** A register that can also be compared and set. */
export function casRegister(
  initial: Value,
  semantics: Semantics = 'porcupine',
): Model<Operation, Value> {
  return {
    name: `cas-register(${shown(initial)})/${semantics}-semantics`,
    init: initial,
    step: (value, operation) => stepOfValue('cas-register', value, operation),
    reads: isRead,
    constrains: (operation) => constrains(operation, semantics),
    access: accessOf,
  };
}

/** Whether `operation` says anything of a value. */
export function constrains(operation: Operation, semantics: Semantics): boolean {
  if (operation.status === 'fail') return operation.op === 'cas' && semantics === 'porcupine';
  const isOfNothing = isReading(operation) && operation.value === null;
  return !isOfNothing || semantics === 'porcupine';
}

/** True for what never changes a value. */
export function isRead(operation: Operation): boolean {
  return isReading(operation) || operation.status === 'fail';
}

function isReading(operation: Operation): operation is Operation & { op: 'read' | 'get' } {
  return operation.op === 'read' || operation.op === 'get';
}

/** What `operation` does to a register, if it is a plain read or write. */
export function accessOf(operation: Operation): Access | undefined {
  switch (operation.op) {
    case 'read':
    case 'get':
      return { reads: operation.value };
    case 'write':
    case 'put':
      return { writes: operation.value };
    default:
      return undefined;
  }
}

/**
 * What reading, writing, comparing and setting do to a value.
 * @throws {@link ForeignOperationError}
 */
export function stepOfValue(model: string, value: Value, operation: Operation): readonly Value[] {
  switch (operation.op) {
    case 'read':
    case 'get':
      return isPending(operation) || operation.value === value ? [value] : [];
    case 'write':
    case 'put':
      return [operation.value];
    case 'cas':
      if (operation.status === 'fail') return operation.from === value ? [] : [value];
      return operation.from === value ? [operation.to] : [];
    default:
      throw new ForeignOperationError(model, operation.op);
  }
}

/** A value as the name of a model has it. */
export function shown(value: Value): string {
  return value === null ? 'nil' : JSON.stringify(value);
}
