import {
  Cas,
  Delete,
  Get,
  Increment,
  Put,
  type Expected,
  type Mutation,
} from '@jbstore/store/port';

import type { OperationAction } from './plan';

/** What a client saw last under a key; null if nothing was there. */
export interface Seen {
  readonly value: Uint8Array | null;
  /** Undefined if it was not told. */
  readonly version: number | undefined;
}

/** The request that `action` says, of one who has seen this under its key. */
export function requestOf(
  { operation, key: name, value: text = '' }: OperationAction,
  seen: Seen | undefined,
): Mutation | Get {
  const key = Buffer.from(name, 'latin1');
  const value = Buffer.from(text, 'latin1');
  switch (operation) {
    case 'get':
      return new Get(key);
    case 'put':
      return new Put(key, value);
    case 'delete':
      return new Delete(key);
    case 'increment':
      return new Increment(key);
    default:
      return new Cas(key, expectedBy(operation, seen), value);
  }
}

function expectedBy(compare: OperationAction['operation'], seen: Seen | undefined): Expected {
  if (compare === 'set if value' && seen?.value) return { kind: 'value', value: seen.value };
  if (compare === 'set if version' && seen?.version !== undefined) {
    return { kind: 'version', version: seen.version };
  }
  return { kind: 'absent' };
}
