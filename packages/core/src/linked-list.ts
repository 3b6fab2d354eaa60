import { invariant } from './errors';

/** What may stand in a {@link LinkedList}: in one at a time. */
export abstract class Linked<T extends Linked<T>> {
  /** Those beside it in its list. Nothing but the list sets them. */
  before: T | undefined = undefined;
  after: T | undefined = undefined;
  list: LinkedList<T> | undefined = undefined;
}

/**
 * What comes and goes, in the order in which it came. To add and to remove take the same short time whatever else
 * stands there, and make nothing that the collector of garbage would have to look after: what was removed refers
 * to no neighbour, so it keeps none alive.
 *
 * @example
 * ```ts
 * import { Linked, LinkedList } from '@jbstore/core';
 *
 * class Guest extends Linked<Guest> {}
 *
 * const guests = new LinkedList<Guest>();
 * const guest = new Guest();
 * guests.add(guest);
 * guests.remove(guest);
 * ```
 */
export class LinkedList<T extends Linked<T>> {
  first: T | undefined = undefined;
  last: T | undefined = undefined;
  size = 0;

  /** @throws {@link InvariantViolation} if it stands in a list */
  add(item: T): void {
    invariant(item.list === undefined, 'what is added to a list stands in none');
    const { last } = this;
    item.list = this;
    item.before = last;
    if (last) last.after = item;
    else this.first = item;
    this.last = item;
    this.size += 1;
  }

  /** Returns false if it does not stand here. */
  remove(item: T): boolean {
    if (item.list !== this) return false;
    const { before, after } = item;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    item.list = item.before = item.after = undefined;
    this.size -= 1;
    return true;
  }

  /** Everything, in order, as it is now: what comes or goes meanwhile changes nothing of it. */
  all(): T[] {
    const all: T[] = [];
    for (let item = this.first; item; item = item.after) all.push(item);
    return all;
  }
}
