import { invariant } from '@jbstore/core';
import { indexOf, rangesOf, slotOf, type Range, type View } from '@jbstore/gms/port';
import { type Address } from '@jbstore/network/port';
import { Group } from '@jbstore/register/port';

import { Slot, type Seat } from './slot';

/** The slots of which this process is a member of the group, by the view that it has installed. */
export class Slots {
  readonly #self: Address;
  #view: View | undefined;
  #slots: readonly (Slot | undefined)[] = [];
  #suspected: ReadonlySet<Address> = new Set();

  constructor(self: Address) {
    this.#self = self;
  }

  /** From now on `view` says who holds what. Returns the slots whose epoch is over. */
  install(view: View): readonly Slot[] {
    const before = this.#slots;
    const ownIndex = indexOf(view, this.#self);
    this.#view = view;
    this.#slots = rangesOf(view)
      .flatMap((range) => {
        const seat = ownIndex === undefined ? undefined : seatAt(range, this.#self, ownIndex);
        return Array.from({ length: range.run.slots }, () => seat);
      })
      .map((seat, number) => {
        const former = before[number];
        return former?.seat.epoch === seat?.epoch ? former : seat && new Slot(seat);
      });
    return before.flatMap((slot, number) => (slot && slot !== this.#slots[number] ? [slot] : []));
  }

  suspect(suspected: readonly Address[]): void {
    this.#suspected = new Set(suspected);
  }

  get hasView(): boolean {
    return this.#view !== undefined;
  }

  /** The slot of `register`; undefined if this process is not in its group. */
  at(register: string): Slot | undefined {
    return this.#view && this.#slots[slotOf(this.#view, register)];
  }

  all(): readonly (Slot | undefined)[] {
    return this.#slots;
  }

  /** The rank of the member that coordinates changes: the first that is not suspected here, the lead before others. */
  preferredRank({ seat: { group, leadRank, ownRank } }: Slot): number {
    const { members } = group;
    const isAlive = (rank: number): boolean => {
      const member = members[rank];
      return rank === ownRank || (member !== undefined && !this.#suspected.has(member));
    };
    if (isAlive(leadRank)) return leadRank;
    return members.findIndex((_, rank) => isAlive(rank));
  }
}

function seatAt({ run, group, lead }: Range, self: Address, ownIndex: number): Seat | undefined {
  const members = new Group(group, self);
  const leadRank = members.rankOf(lead);
  const { ownRank } = members;
  invariant(leadRank !== undefined, 'a slot is led by a member of its group');
  if (ownRank === undefined) return undefined;
  return { epoch: run.epoch, group: members, ownRank, ownIndex, leadRank, leadIndex: run.lead };
}
