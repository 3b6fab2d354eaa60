/** A number of events, and which ones they were. */
export class Tally {
  count = 0;
  /** A sum over their numbers, each mixed: a loss cannot hide behind a doubling. */
  print = 0;

  add(number: number, times = 1): void {
    this.count += times;
    this.print = (this.print + Math.imul(fingerprint(number), times)) | 0;
  }

  addAll({ count, print }: Tally): void {
    this.count += count;
    this.print = (this.print + print) | 0;
  }

  equals({ count, print }: Tally): boolean {
    return this.count === count && this.print === print;
  }
}

function fingerprint(number: number): number {
  return Math.imul(number ^ (number >>> 15), 0x2c1b3c6d);
}

/** The sum of `tallies`. */
export function totalOf(tallies: Iterable<Tally>): Tally {
  const total = new Tally();
  for (const tally of tallies) total.addAll(tally);
  return total;
}

/** Which events a channel carries: all, those with one key, or a sample. */
export type Selection = 'all' | 'sample' | { readonly key: number };

/** How many keys there are. */
export const keys = 6;

/** By how many places events can be taken. */
const places = 64;

export function isSampled(number: number): boolean {
  return number % 16 === 3;
}

/**
 * What leaves one port of one place, event by event, whoever holds the place: each bears the next
 * number. The books are kept here, outside the components, which come and go. An event that goes
 * several ways counts once for each; one that goes nowhere is to become one dead letter.
 */
export class Lane {
  readonly sent = new Tally();
  readonly handled = new Tally();
  /** Gone by the policy of a supervisor. */
  readonly skipped = new Tally();
  readonly deadLetters = new Map<string, Tally>();
  /** How many channels carry all, by key, and a sample. */
  #fan = 0;
  readonly #fanByKey = new Int32Array(keys);
  #sampled = 0;
  #number = 0;
  /** The number that each place has taken last. */
  readonly #latest = new Float64Array(places);
  readonly #leaps = new Int32Array(places);
  readonly #complain: (complaint: string) => void;

  /** @param ordered - false of what comes by several senders in turn, and may overtake itself */
  constructor(
    readonly kind: string,
    readonly from: string,
    readonly ordered: boolean,
    complain: (complaint: string) => void,
  ) {
    this.#complain = complain;
  }

  /** The number of the next event, which is sent now. */
  send(): number {
    const number = (this.#number += 1);
    const ways =
      this.#fan +
      (this.#fanByKey[number % keys] ?? 0) +
      (this.#sampled > 0 && isSampled(number) ? this.#sampled : 0);
    this.sent.add(number, ways === 0 ? 1 : ways);
    return number;
  }

  /** The event `number` was handled at `place`, where the numbers are to increase. */
  arrive(number: number, place: number): void {
    const latest = this.#latest[place] ?? 0;
    if (number <= latest && this.ordered) this.#turnBack(number, place, latest);
    this.#latest[place] = number;
    this.handled.add(number);
  }

  lose(number: number, reason: string): void {
    let tally = this.deadLetters.get(reason);
    if (!tally) this.deadLetters.set(reason, (tally = new Tally()));
    tally.add(number);
  }

  /** `change` channels more carry what `selection` says. */
  widen(selection: Selection, change: 1 | -1): void {
    if (selection === 'all') this.#fan += change;
    else if (selection === 'sample') this.#sampled += change;
    else this.#fanByKey[selection.key] = (this.#fanByKey[selection.key] ?? 0) + change;
  }

  /** A channel with older events than other channels carried since is moved to `place`. */
  allowLeap(place: number): void {
    this.#leaps[place] = (this.#leaps[place] ?? 0) + 1;
  }

  forbidLeaps(): void {
    this.#leaps.fill(0);
  }

  /** Whether each event that was sent had one end, nothing being under way. */
  get balanced(): boolean {
    return this.sent.equals(this.accounted);
  }

  get accounted(): Tally {
    return totalOf([this.handled, this.skipped, ...this.deadLetters.values()]);
  }

  #turnBack(number: number, place: number, latest: number): void {
    const leaps = this.#leaps[place] ?? 0;
    if (leaps > 0) this.#leaps[place] = leaps - 1;
    else {
      const what = number === latest ? 'twice' : 'out of order';
      const event = `${this.kind} ${number} from ${this.from}`;
      this.#complain(`${event} arrived ${what} at place ${place}, after ${latest}`);
    }
  }
}
