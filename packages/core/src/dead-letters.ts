import { Subject, type Observable } from 'rxjs';

import type { Counter } from './counter';
import { DeadLetter, type DeadLetterReason } from './dead-letter';
import type { PortEvent } from './event';
import type { PortEnd } from './port-end';
import { asking } from './request';

/** Counts the dead letters of one system, and shows them to whoever observes. */
export class DeadLetters {
  readonly #letters = new Subject<DeadLetter>();
  readonly #counters = new Map<DeadLetterReason, Counter>();
  readonly #counterOf: (reason: DeadLetterReason) => Counter;

  constructor(counterOf: (reason: DeadLetterReason) => Counter) {
    this.#counterOf = counterOf;
  }

  get letters(): Observable<DeadLetter> {
    return this.#letters;
  }

  add(port: PortEnd, event: PortEvent, reason: DeadLetterReason): void {
    let counter = this.#counters.get(reason);
    if (!counter) this.#counters.set(reason, (counter = this.#counterOf(reason)));
    counter.add();
    asking.lost(event, () => port.name, reason);
    if (this.#letters.observed) this.#letters.next(new DeadLetter(event, port.name, reason));
  }
}
