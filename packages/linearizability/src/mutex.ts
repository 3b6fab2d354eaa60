import { ForeignOperationError } from './errors';
import { partOf } from './key-value';
import type { Model } from './model';
import type { Operation } from './operation';

/** A lock for each key, free at first. Anyone may release it, as in Knossos: the state is whether it is held. */
export function mutex(): Model<Operation, boolean> {
  return {
    name: 'mutex',
    init: false,
    partition: partOf,
    step(held, operation) {
      if (operation.op !== 'acquire' && operation.op !== 'release') {
        throw new ForeignOperationError('mutex', operation.op);
      }
      const acquires = operation.op === 'acquire';
      return held === acquires ? [] : [acquires];
    },
  };
}
