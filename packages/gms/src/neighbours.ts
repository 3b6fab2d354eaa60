import type { Address } from '@jbstore/network/port';

import { addressOf } from './slots';
import type { View } from './view';

/** The members that decide the next view. */
export function councilIn(view: View): readonly Address[] {
  return view.council.flatMap((member) => addressOf(view, member) ?? []);
}

/** Whom the member `self` watches: the council all, all the council and those with whom they share a slot. */
export function watchedBy(view: View, self: number): ReadonlySet<Address> {
  const all = view.members.map(({ address }) => address);
  const others = view.council.includes(self) ? all : neighboursOf(view, self);
  return new Set([...councilIn(view), ...others]);
}

/** Those with whom the member `self` shares a slot, now or in the group before. */
function neighboursOf(view: View, self: number): readonly Address[] {
  const neighbours = new Set<number>();
  for (const { group, previous } of view.runs) {
    const all = [...group, ...(previous?.group ?? [])];
    if (all.includes(self)) for (const member of all) neighbours.add(member);
  }
  neighbours.delete(self);
  return [...neighbours].flatMap((member) => addressOf(view, member) ?? []);
}
