import { Tally, totalOf } from './lane';

/** How the wait for an answer ended. */
export type AskEnd = 'answered' | 'unanswered' | 'lost' | 'skipped' | 'abandoned';

/** The requests of one place that asks, each of which ends in one way. */
export class Asks {
  readonly asked = new Tally();
  readonly ends: Readonly<Record<AskEnd, Tally>> = {
    answered: new Tally(),
    unanswered: new Tally(),
    lost: new Tally(),
    skipped: new Tally(),
    abandoned: new Tally(),
  };
  #latest = 0;
  #abandonedUntil = 0;

  constructor(readonly from: string) {}

  ask(number: number): void {
    this.#latest = number;
    this.asked.add(number);
  }

  end(number: number, how: AskEnd): void {
    // Where nobody waited any more, its end was that of who asked. A skip is noticed late.
    if (number > this.#abandonedUntil || how === 'answered' || how === 'unanswered') {
      this.ends[how].add(number);
    }
  }

  /** Who asked was killed; what it waited for is nobody's. */
  abandon(): void {
    const open = this.open;
    this.ends.abandoned.count += open.count;
    this.ends.abandoned.print = (this.ends.abandoned.print + open.print) | 0;
    this.#abandonedUntil = this.#latest;
  }

  get open(): { readonly count: number; readonly print: number } {
    const ended = totalOf(Object.values(this.ends));
    return {
      count: this.asked.count - ended.count,
      print: (this.asked.print - ended.print) | 0,
    };
  }
}
