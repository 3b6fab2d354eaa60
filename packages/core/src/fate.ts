import type { DeadLetterReason } from './dead-letter';
import type { Hop } from './delivery';
import type { PortEvent } from './event';

/** The port that an event left, as seen from the event's way. */
export interface Sender {
  /** `event`, which left here, is lost. */
  deadLetter(event: PortEvent, reason: DeadLetterReason): void;
  /** What stands on the way of an event that left here has failed. */
  fault(cause: unknown): void;
}

/** A way out of a port that an event may or may not go, or may go later. */
export interface Gate {
  offer(fate: Fate): void;
}

/** What becomes of one event that left a port through gates. It is lost only if none led it anywhere. */
export class Fate {
  /** Somebody took it, or it was lost on a way and counted as such. */
  accounted = false;
  /** A selector refused it. */
  unselected = false;
  /** Ways on which it is not decided yet: that of who offers it around, and channels which hold it. */
  #open = 1;
  #failures: unknown[] | undefined;

  constructor(
    readonly event: PortEvent,
    readonly sender: Sender,
  ) {}

  /** It goes by `hop`, which takes it. */
  take(hop: Hop): void {
    this.accounted = true;
    hop.accept(this.event);
  }

  /** It waits on one way. */
  wait(): void {
    this.#open += 1;
  }

  /** A selector threw `cause`, which is reported when the event has gone its other ways. */
  fail(cause: unknown): void {
    this.unselected = true;
    (this.#failures ??= []).push(cause);
  }

  /** It waits on one way less. */
  settle(): void {
    this.#open -= 1;
    if (this.#open === 0 && !this.accounted) {
      this.lose(this.unselected ? 'unselected' : 'unhandled');
    }
    const failures = this.#failures;
    this.#failures = undefined;
    for (const cause of failures ?? []) this.sender.fault(cause);
  }

  lose(reason: DeadLetterReason): void {
    this.accounted = true;
    this.sender.deadLetter(this.event, reason);
  }
}

/** A gate on the way `way`. */
export function gateTo(way: Hop | Gate): Gate {
  if ('offer' in way) return way;
  return {
    offer: (fate) => {
      fate.take(way);
    },
  };
}
