import { Budget, type Limits, type Shortage } from './budget';
import { UnsuitableAlgorithmError } from './errors';
import type { Access, Model } from './model';
import { isPending, type Interval, type Value } from './operation';
import { type Part, partOfOperations } from './part';
import { Search } from './search';
import { isAtomicByZones } from './zones';

export type Verdict = 'linearizable' | 'not linearizable' | 'unknown';

/**
 * `zones` decides registers whose written values all differ, in O(n log n); `search` decides everything, but
 * may take for ever. `auto` takes zones for each part that they can decide.
 */
export type Algorithm = 'auto' | 'search' | 'zones';

export type CheckOptions = Limits & {
  /** Default `auto`. */
  readonly algorithm?: Algorithm;
};

/** The first part of a history that was found not to be linearizable. */
export interface Failure<O> {
  /** The name of the part by the model; empty if it has no parts. */
  readonly part: string;
  /** All operations of the part that say anything, in the order of their calls. */
  readonly operations: readonly O[];
  /** The first to return that cannot take effect before it returns: up to there all is well. */
  readonly unplaced: O;
}

export interface Check<O> {
  readonly verdict: Verdict;
  /** What it ran out of, if the verdict is unknown. */
  readonly shortage?: Shortage;
  /** Distinct configurations that searches came to. */
  readonly configurations: number;
  /** If the verdict is "not linearizable". */
  readonly failure?: Failure<O>;
}

/**
 * Decides whether `history` is linearizable (Herlihy and Wing 1990): whether its operations can be put in one
 * order that `model` allows, in which each that returned before another was called comes before it. What is
 * pending may be in it or not.
 * @param history - in any order
 * @throws {@link InvalidHistoryError}, {@link ForeignOperationError}, {@link UnsuitableAlgorithmError}
 */
export function check<O extends Interval, S>(
  history: readonly O[],
  model: Model<O, S>,
  options: CheckOptions = {},
): Check<O> {
  const budget = new Budget(options);
  const { algorithm = 'auto' } = options;
  let configurations = 0;
  let shortage: Shortage | undefined;
  for (const [name, operations] of partsOf(history, model)) {
    const part = partOfOperations(operations);
    const decision = decide(part, model, algorithm, budget);
    configurations += decision.configurations;
    shortage ??= decision.shortage;
    if (decision.linearizable !== false) continue;
    const index = part.byReturn[decision.reached] ?? 0;
    const unplaced = part.operations[index];
    const failure = unplaced && { part: name, operations: part.operations, unplaced };
    return { verdict: 'not linearizable', configurations, ...(failure && { failure }) };
  }
  if (shortage) return { verdict: 'unknown', configurations, shortage };
  return { verdict: 'linearizable', configurations };
}

/** What says anything in `history`, by the parts of `model`. */
function partsOf<O extends Interval, S>(
  history: readonly O[],
  model: Model<O, S>,
): ReadonlyMap<string, O[]> {
  const parts = new Map<string, O[]>();
  for (const operation of history) {
    if (!saysAnything(operation, model)) continue;
    const name = model.partition?.(operation) ?? '';
    const part = parts.get(name);
    if (part) part.push(operation);
    else parts.set(name, [operation]);
  }
  return parts;
}

function saysAnything<O extends Interval, S>(operation: O, model: Model<O, S>): boolean {
  const constrains = model.constrains?.(operation) ?? operation.status !== 'fail';
  return constrains && !(isPending(operation) && model.reads?.(operation) === true);
}

interface Decision {
  readonly linearizable: boolean | undefined;
  readonly shortage?: Shortage;
  readonly configurations: number;
  /** If it is not linearizable: how many, in the order of their returns, are so. */
  readonly reached: number;
}

function decide<O extends Interval, S>(
  part: Part<O>,
  model: Model<O, S>,
  algorithm: Algorithm,
  budget: Budget,
): Decision {
  if (algorithm !== 'search') {
    const byZones = decideByZones(part, model);
    if (typeof byZones === 'object') return byZones;
    if (algorithm === 'zones') throw new UnsuitableAlgorithmError('zones', byZones);
  }
  return new Search(part, model, budget).run();
}

/** What zones find, or in words why they do not apply. */
function decideByZones<O extends Interval, S>(
  part: Part<O>,
  model: Model<O, S>,
): Decision | string {
  const accesses: Access[] = [];
  for (const operation of part.operations) {
    const access = model.access?.(operation);
    if (!access) return 'the history has operations other than reads and writes';
    accesses.push(access);
  }
  // Where there are plain reads and writes the states are what is read and written.
  const first = model.init as Value;
  const linearizable = isAtomicByZones(part, accesses, first);
  if (linearizable === undefined) return 'a value is written twice, or was there first';
  const reached = linearizable ? 0 : reachedByZones(part, accesses, first);
  return { linearizable, configurations: 0, reached };
}

/** As what follows cannot mend what came before, the first return that breaks it is found by halving. */
function reachedByZones(part: Part<Interval>, accesses: readonly Access[], first: Value): number {
  let sound = 0;
  let broken = part.byReturn.length;
  while (broken - sound > 1) {
    const middle = (sound + broken) >>> 1;
    if (isAtomicByZones(...prefixOf(part, accesses, middle), first) === false) broken = middle;
    else sound = middle;
  }
  return broken - 1;
}

/** `part` until `returned` operations have returned. */
function prefixOf(
  part: Part<Interval>,
  accesses: readonly Access[],
  returned: number,
): [Part<Interval>, readonly Access[]] {
  const end = part.returns[part.byReturn[returned - 1] ?? 0] ?? 0;
  const kept = part.calls.filter((call) => call < end).length;
  const cut = part.returns.map((rank) => (rank <= end ? rank : 0x7fffffff));
  return [{ ...part, returns: cut }, accesses.slice(0, kept)];
}
