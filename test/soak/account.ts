import { Unanswered, type DeadLetter, type PortEvent } from '@jbstore/core';

import { Asks } from './asks';
import { Catch, Found, Item, Lookup, Notice, Pulse, Receipt, type Numbered } from './events';
import { Lane } from './lane';

const numbered = [Item, Found, Lookup, Receipt, Notice, Pulse, Catch];

/** So many complaints tell what is wrong; a broken plant would have millions. */
const mostComplaints = 20;

/** The books of the whole plant. Their size does not depend on how long it runs. */
export class Account {
  readonly lanes: Lane[] = [];
  readonly asks: Asks[] = [];
  readonly #complaints: string[] = [];
  readonly #actions = new Map<string, number>();

  lane(kind: string, from: string): Lane {
    // Brokers hand lookups on under their first numbers, and who asks may change brokers.
    const lane = new Lane(kind, from, kind !== 'onward', (complaint) => {
      this.complain(complaint);
    });
    this.lanes.push(lane);
    return lane;
  }

  asksOf(from: string): Asks {
    const asks = new Asks(from);
    this.asks.push(asks);
    return asks;
  }

  /** How many events have been sent, each by each of its ways. */
  get events(): number {
    let events = 0;
    for (const { sent } of this.lanes) events += sent.count;
    return events;
  }

  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** How often what has been done. */
  get actions(): ReadonlyMap<string, number> {
    return this.#actions;
  }

  complain(complaint: string): void {
    if (this.#complaints.length < mostComplaints) this.#complaints.push(complaint);
  }

  did(action: string): void {
    this.#actions.set(action, (this.#actions.get(action) ?? 0) + 1);
  }

  letter({ event, port, reason }: DeadLetter): void {
    this.did(`dead letter: ${reason}`);
    if (isNumbered(event)) laneAt(event, port).lose(event.number, reason);
    else if (!(event instanceof Unanswered)) this.complain(`${event.type} was lost at ${port}`);
    if (reason !== 'answered') endAsk(event, 'lost');
  }

  /** A supervisor let `event` be gone. */
  skip(event: PortEvent): void {
    endAsk(event, 'skipped');
    this.did('event skipped');
  }

  /** Nothing is under way: each event that was sent must have had its end. */
  balance(): void {
    for (const lane of this.lanes) {
      lane.forbidLeaps();
      if (lane.balanced) continue;
      const { sent, accounted } = lane;
      const missing = sent.count - accounted.count;
      const what =
        missing > 0 ? `lost ${missing}` : missing < 0 ? `doubled ${-missing}` : 'confused some';
      this.complain(`${lane.kind} from ${lane.from}: ${what} of ${sent.count} events`);
    }
    for (const { from, open } of this.asks) {
      if (open.count !== 0 || open.print !== 0) {
        this.complain(`asks from ${from}: ${open.count} have no end`);
      }
    }
  }
}

export function isNumbered(event: PortEvent): event is Numbered {
  return numbered.some((type) => event instanceof type);
}

/** A lookup is on its second way from the required port of the broker on. */
function laneAt(event: Numbered, port: string): Lane {
  const onward = event instanceof Lookup && (port.endsWith('.below') || port.endsWith('.vault'));
  return onward ? event.onward : event.lane;
}

function endAsk(event: PortEvent, how: 'lost' | 'skipped'): void {
  if (event instanceof Found) event.asks.end(event.asked, how);
  else if (event instanceof Unanswered && event.request instanceof Lookup) {
    event.request.asks.end(event.request.number, how);
  }
}
