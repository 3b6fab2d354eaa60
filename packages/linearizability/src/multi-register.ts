import { ForeignOperationError } from './errors';
import type { Model, Semantics } from './model';
import { isPending, type MicroOperation, type Operation, type Value } from './operation';
import { constrains, isRead } from './register';

/** The registers that were written, by their keys in order; the others hold what they held first. */
type Registers = readonly (readonly [key: string, value: Value])[];

/**
 * Registers that transactions read and write several of in one step.
 * @param initial - what each holds at first
 * @param others - what those hold that `initial` does not name
 */
export function multiRegister(
  initial: Readonly<Record<string, Value>> = {},
  others: Value = null,
  semantics: Semantics = 'porcupine',
): Model<Operation, Registers> {
  const first = new Map(Object.entries(initial));
  const valueOf = (registers: Registers, key: string): Value => {
    const written = registers.find(([name]) => name === key);
    if (written) return written[1];
    return first.has(key) ? (first.get(key) ?? null) : others;
  };
  return {
    name: `multi-register(${JSON.stringify(initial)})/${semantics}-semantics`,
    init: [],
    step(registers, operation) {
      let after = registers;
      for (const [kind, key, value] of stepsOf(operation)) {
        if (kind === 'write') after = written(after, key, value);
        else if (isPending(operation) || (value === null && semantics === 'knossos')) continue;
        else if (valueOf(after, key) !== value) return [];
      }
      return [after];
    },
    key: (registers) => JSON.stringify(registers),
    reads: (operation) =>
      isRead(operation) || stepsOf(operation).every(([kind]) => kind === 'read'),
    constrains: (operation) => constrains(operation, semantics),
  };
}

function stepsOf(operation: Operation): readonly MicroOperation[] {
  switch (operation.op) {
    case 'txn':
      return operation.txn;
    case 'read':
    case 'get':
      return [['read', operation.key ?? '', operation.value]];
    case 'write':
    case 'put':
      return [['write', operation.key ?? '', operation.value]];
    default:
      throw new ForeignOperationError('multi-register', operation.op);
  }
}

function written(registers: Registers, key: string, value: Value): Registers {
  const others = registers.filter(([name]) => name !== key);
  return [...others, [key, value] as const].sort(([a], [b]) => (a < b ? -1 : 1));
}
