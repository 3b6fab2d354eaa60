import { Key, event, portType, request } from '@jbstore/core';

import type { Asks } from './asks';
import { keys, type Lane } from './lane';

/** What the plant makes, moves and counts. */
export class Item extends event('Item') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
  ) {
    super();
  }
}

/** An event that nobody handles. */
export class Notice extends event('Notice') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
  ) {
    super();
  }
}

/** Goes to all at once that deliver to one collector. */
export class Receipt extends event('Receipt') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
  ) {
    super();
  }
}

/** Lets a source make `burst` items. */
export class Pulse extends event('Pulse') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
    readonly burst: number,
  ) {
    super();
  }
}

/** Comes in over an edge. */
export class Catch extends event('Catch') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
  ) {
    super();
  }
}

/** Answers a {@link Lookup}. */
export class Found extends event('Found') {
  constructor(
    readonly lane: Lane,
    readonly number: number,
    readonly asks: Asks,
    readonly asked: number,
  ) {
    super();
  }
}

/** Is handed on by a broker, who keeps the number and takes the lane `onward` for it. */
export class Lookup extends request('Lookup', Found) {
  constructor(
    readonly lane: Lane,
    readonly number: number,
    readonly asks: Asks,
    readonly onward: Lane,
  ) {
    super();
  }
}

/** An event of the books. */
export type Numbered = Item | Notice | Receipt | Pulse | Catch | Found | Lookup;

export const Pacing = portType('Pacing', { requests: [Pulse], indications: [] });
export const Intake = portType('Intake', { requests: [Item, Notice], indications: [] });
export const Sorted = portType('Sorted', { requests: [], indications: [Item] });
export const Work = portType('Work', { requests: [Item], indications: [Item] });
export const Deposit = portType('Deposit', { requests: [Item], indications: [Receipt] });
export const Outflow = portType('Outflow', { requests: [], indications: [Item] });
export const Archive = portType('Archive', { requests: [Lookup], indications: [Found] });

export const byKey = new Key(Item, ({ number }) => number % keys);
