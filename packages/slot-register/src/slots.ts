import { invariant } from '@jbstore/core';
import { addressOf, indexOf, rangesOf, slotOf, type Range, type View } from '@jbstore/gms/port';
import { type Address } from '@jbstore/network/port';
import { Group, type MemberSet } from '@jbstore/register/port';

import { salvaged, sealed, type Former } from './former';
import { consulted, preferredRank } from './preference';
import { Seat, Slot, type Place, type Previous } from './slot';

/** What this process has to do with one slot of the ring. */
export interface Entry {
  readonly place: Place;
  /** Undefined if it is not in the group. */
  readonly slot: Slot | undefined;
  /** What it held in the epoch before; undefined if that is gone, or if it was not in the group of that epoch. */
  former: Former | undefined;
}

/** The slots of the ring, by the view that this process has installed. */
export class Slots {
  #view: View | undefined;
  #entries: readonly Entry[] = [];
  #suspected: ReadonlySet<Address> = new Set();

  /** @param self - this process, as it stands in the view */
  constructor(readonly self: Address) {}

  /**
   * From now on `view` says who holds what (5.4). A slot that has a new epoch begins anew, and what this process held of
   * it is sealed, since what is said in the epoch before is not heard any more. Returns the slots that are over, and
   * those that have begun.
   */
  install(view: View): { readonly over: readonly Slot[]; readonly begun: readonly Slot[] } {
    const before = this.#entries;
    const ownIndex = indexOf(view, this.self);
    this.#view = view;
    this.#entries = rangesOf(view)
      .flatMap((range) => {
        const place = placeOf(view, range, this.self);
        return Array.from({ length: range.run.slots }, () => place);
      })
      .map((place, number) => {
        const entry = before[number];
        if (entry?.place.epoch === place.epoch) return entry;
        return this.#begin(number, place, ownIndex, entry);
      });
    return {
      over: slotsThatChanged(before, this.#entries),
      begun: slotsThatChanged(this.#entries, before),
    };
  }

  #begin(
    number: number,
    place: Place,
    ownIndex: number | undefined,
    before: Entry | undefined,
  ): Entry {
    const { previous, group } = place;
    const { ownRank } = group;
    const isIn = ownRank !== undefined && ownIndex !== undefined;
    const seat = isIn ? new Seat(place, ownRank, ownIndex) : undefined;
    const isFormer = previous?.members.includes(this.self) ?? false;
    return {
      place,
      slot: seat && new Slot(number, seat),
      former: previous && isFormer ? formerOf(previous, before) : undefined,
    };
  }

  /** A majority has all that earlier epochs chose: what this process held then is needed no longer. */
  settle(number: number, epoch: number): void {
    const entry = this.#entries[number];
    if (entry?.place.epoch !== epoch) return;
    entry.former = undefined;
    if (!entry.slot) return;
    entry.slot.formerTags.clear();
    entry.slot.isSettled = true;
  }

  suspect(suspected: readonly Address[]): void {
    this.#suspected = new Set(suspected);
  }

  get era(): number {
    return this.#view?.era ?? 0;
  }

  get hasView(): boolean {
    return this.#view !== undefined;
  }

  numberOf(register: string): number {
    return this.#view ? slotOf(this.#view, register) : -1;
  }

  /** The slot of `register`; undefined if this process is not in its group. */
  at(register: string): Slot | undefined {
    return this.#entries[this.numberOf(register)]?.slot;
  }

  /** What there is of each slot, in the order of the ring. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  formerOf({ number }: Slot): Former | undefined {
    return this.#entries[number]?.former;
  }

  /** The slot with this number, if this process is in its group, and it is in this epoch. */
  inEpoch(number: number, epoch: number): Slot | undefined {
    const slot = this.#entries[number]?.slot;
    return slot?.seat.epoch === epoch ? slot : undefined;
  }

  /** A0: the slot with this number, if it is in this epoch here, and `source` is in its group. */
  heard(number: number, epoch: number, source: Address): Entry | undefined {
    const entry = this.#entries[number];
    if (entry?.place.epoch !== epoch) return undefined;
    return entry.place.group.rankOf(source) === undefined ? undefined : entry;
  }

  preferredRank({ seat }: Slot): number {
    return preferredRank(seat, this.#suspected);
  }

  consulted({ seat }: Slot): MemberSet | undefined {
    return consulted(seat, this.#suspected);
  }
}

/** What this process held in the epoch that is over, of which it was a member. */
function formerOf({ epoch, isForced }: Previous, before: Entry | undefined): Former {
  const present = before?.place.epoch === epoch ? before : undefined;
  return isForced
    ? salvaged(epoch, present?.slot?.acceptor, present?.former)
    : sealed(epoch, present?.slot?.acceptor);
}

/** The slots in `entries` that are not in `others`. */
function slotsThatChanged(entries: readonly Entry[], others: readonly Entry[]): readonly Slot[] {
  return entries.flatMap(({ slot }, number) =>
    slot && slot !== others[number]?.slot ? [slot] : [],
  );
}

function placeOf(view: View, { run, group, lead }: Range, self: Address): Place {
  const members = new Group(group, self);
  const leadRank = members.rankOf(lead);
  invariant(leadRank !== undefined, 'a slot is led by a member of its group');
  const { epoch, lead: leadIndex, previous } = run;
  return {
    epoch,
    group: members,
    leadRank,
    leadIndex,
    previous: previous && previousOf(view, previous),
  };
}

/** Who is listed no more has nothing that is needed, but counts as a member of the group that it was in. */
function previousOf(
  view: View,
  { epoch, group, forced }: NonNullable<Range['run']['previous']>,
): Previous {
  const members = group.flatMap((index) => addressOf(view, index) ?? []);
  const majority = Math.floor(group.length / 2) + 1;
  const isForced = forced === true;
  return { epoch, members, quorum: isForced ? group.length : majority, isForced };
}
