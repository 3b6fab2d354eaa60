import { changeOperation, countOf } from './raised-changes';
import { getOf } from './raised-faults';
import { constant, exponential, inSequence, pause, raise, together, type Raising } from './raising';

/** Each client looks at each key once more. */
export function lastLook(clients: number, keys: readonly string[]): Raising {
  const looks = Array.from({ length: clients }, (_, client) =>
    inSequence(...keys.map((key) => raise(1, getOf(`c${String(client)}`, key), constant(5)))),
  );
  return together(...looks);
}

/** Once healed: all is changed a little more, while each client takes its last look. */
export function lastChanges(
  clients: number,
  keys: readonly string[],
  counters: readonly string[],
): Raising {
  return inSequence(
    pause(500),
    together(
      raise(20, changeOperation(keys), exponential(20)),
      raise(15, countOf(counters), exponential(25)),
      lastLook(clients, [...keys, ...counters]),
    ),
  );
}
