import { getOf } from './raised-faults';
import { constant, inSequence, raise, together, type Raising } from './raising';

/** Each client looks at each key once more. */
export function lastLook(clients: number, keys: readonly string[]): Raising {
  const looks = Array.from({ length: clients }, (_, client) =>
    inSequence(...keys.map((key) => raise(1, getOf(`c${String(client)}`, key), constant(5)))),
  );
  return together(...looks);
}
