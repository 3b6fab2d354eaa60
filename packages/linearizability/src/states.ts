import type { Model } from './model';
import type { Interval } from './operation';

/** The number for "impossible". */
export const none = -1;

/** What a state costs in memory besides its text, in bytes, roughly. */
const stateBytes = 96;

/**
 * The states of a model as numbers, equal for equal ones. Where an operation may leave several states, what is
 * numbered is the set of all in which the object may be: so each operation leads to one number.
 */
export class States<O extends Interval, S> {
  readonly first: number;
  /** The memory that all states take, in bytes, roughly. */
  bytes = 0;

  readonly #model: Model<O, S>;
  readonly #numbers = new Map<unknown, number>();
  readonly #numbersOfSets = new Map<string, number>();
  /** The members of each numbered set. */
  readonly #members: (readonly S[])[] = [];

  constructor(model: Model<O, S>) {
    this.#model = model;
    this.first = this.#numberOf(model.init);
  }

  /** What `operation` makes of the states numbered `number`; {@link none} if it is possible in none. */
  step(number: number, operation: O): number {
    const members = this.#members[number] ?? [];
    const [first] = members;
    if (members.length === 1) return this.#numberOfAll(this.#model.step(first as S, operation));
    return this.#numberOfAll(members.flatMap((state) => this.#model.step(state, operation)));
  }

  #numberOfAll(states: readonly S[]): number {
    if (states.length === 0) return none;
    const [first] = states;
    if (states.length === 1) return this.#numberOf(first as S);
    const numbers = [...new Set(states.map((state) => this.#numberOf(state)))];
    const [only] = numbers;
    if (numbers.length === 1 && only !== undefined) return only;
    const name = numbers.sort((a, b) => a - b).join();
    const known = this.#numbersOfSets.get(name);
    if (known !== undefined) return known;
    const number = this.#add(numbers.flatMap((member) => this.#members[member] ?? []));
    this.#numbersOfSets.set(name, number);
    return number;
  }

  #numberOf(state: S): number {
    const key: unknown = this.#model.key ? this.#model.key(state) : state;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#add([state]);
    this.#numbers.set(key, number);
    if (typeof key === 'string') this.bytes += 2 * key.length;
    return number;
  }

  #add(members: readonly S[]): number {
    this.bytes += stateBytes;
    this.#members.push(members);
    return this.#members.length - 1;
  }
}
