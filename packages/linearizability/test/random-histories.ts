import type { Action, Model, Operation, Value } from '@jbstore/linearizability';

/** A stream of chance from a seed: whole numbers below a bound (mulberry32). */
export type Chance = (bound: number) => number;

export function chanceOf(seed: number): Chance {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Kinds of operations, each as what is asked, and what `state` makes of it. */
export type Repertoire = (chance: Chance, state: Value, index: number) => Performed;

interface Performed {
  readonly action: Action;
  readonly failed?: boolean;
  readonly after: Value;
}

/** Reads and writes, every value once. */
export const uniqueWrites: Repertoire = (chance, state, index) => {
  if (chance(2) === 0) return { action: { op: 'get', key: 'x', value: state }, after: state };
  return { action: { op: 'put', key: 'x', value: index + 1 }, after: index + 1 };
};

/** Reads and writes of three values, and of nil, which is also the first. */
export const repeatedWrites: Repertoire = (chance, state) => {
  if (chance(2) === 0) return { action: { op: 'read', value: state }, after: state };
  const value = [0, 1, 2, null][chance(4)] ?? null;
  return { action: { op: 'write', value }, after: value };
};

/** Reads, writes and compare-and-set of three values. */
export const comparisons: Repertoire = (chance, state) => {
  const value = chance(3);
  const kind = chance(3);
  if (kind === 0) return { action: { op: 'read', value: state }, after: state };
  if (kind === 1) return { action: { op: 'write', value }, after: value };
  const from = chance(3);
  const action: Action = { op: 'cas', from, to: value };
  return from === state ? { action, after: value } : { action, failed: true, after: state };
};

/** Gets, appends and deletes. */
export const appends: Repertoire = (chance, state) => {
  const kind = chance(8);
  if (kind === 0) return { action: { op: 'delete', key: 'x' }, after: null };
  if (kind < 5) return { action: { op: 'get', key: 'x', value: state }, after: state };
  const value = 'ab'.charAt(chance(2));
  const action: Action = { op: 'append', key: 'x', value };
  return { action, after: `${state ?? ''}${value}` };
};

/** Acquires and releases a lock, most often the one that is possible. */
export const locking: Repertoire = (chance, state) => {
  const op = (state === true) === chance(5) > 0 ? 'release' : 'acquire';
  return { action: { op }, after: op === 'acquire' };
};

/**
 * A history that was made by performing operations one at a time, each at a moment between its call and its
 * return, in which then some answers were changed; so it may be linearizable or not.
 * @param seldom - of how many operations one may be changed
 */
export function randomHistory(
  chance: Chance,
  repertoire: Repertoire,
  initial: Value,
  count = 3 + chance(4),
  seldom = 1,
): Operation[] {
  const moments = Array.from({ length: count }, () => chance(5 * count)).sort((a, b) => a - b);
  let state = initial;
  const history = moments.map((moment, index): Operation => {
    const { action, failed = false, after } = repertoire(chance, state, index);
    const call = moment - chance(4);
    const pending = chance(8) === 0;
    const performed = !pending || chance(2) === 0;
    if (performed) state = after;
    const status = pending ? 'unknown' : failed ? 'fail' : 'ok';
    const end = pending ? null : moment + chance(4);
    return Object.assign(action, { client: index, call, return: end, status } as const);
  });
  return changed(chance, history, seldom);
}

/** `history` with other answers; more of them where many are needed to break it. */
function changed(chance: Chance, history: readonly Operation[], seldom: number): Operation[] {
  const values = history.flatMap((operation) => ('value' in operation ? [operation.value] : []));
  return history.map((operation) => {
    if (chance(4) === 0 || chance(seldom) > 0) return operation;
    switch (operation.op) {
      case 'get':
      case 'read': {
        const others = values.filter((value) => value !== operation.value);
        return { ...operation, value: others[chance(others.length + 1)] ?? null };
      }
      case 'cas': {
        const status = operation.status === 'unknown' || chance(2) === 0 ? operation.status : 'ok';
        return { ...operation, status };
      }
      case 'acquire':
      case 'release':
        return { ...operation, op: chance(6) > 0 ? operation.op : 'release' };
      default:
        return operation;
    }
  });
}

/** The definition of linearizability, word for word, and as slow. */
export function isLinearizable<S>(
  history: readonly Operation[],
  model: Model<Operation, S>,
): boolean {
  const isOver = (operation: Operation) => operation.status !== 'unknown';
  const go = (left: readonly Operation[], state: S): boolean => {
    if (!left.some(isOver)) return true;
    return left.some((next) => {
      const isTooLate = left.some(
        (other) => isOver(other) && other.return !== null && other.return < next.call,
      );
      if (isTooLate) return false;
      const others = left.filter((other) => other !== next);
      return model.step(state, next).some((after) => go(others, after));
    });
  };
  return go(
    history.filter((operation) => model.constrains?.(operation) ?? operation.status !== 'fail'),
    model.init,
  );
}
