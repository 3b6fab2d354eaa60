import { type ListRegisters } from '@jbstore/register/port';

import { type Entry } from './slots';

/** A part of the names that were asked for. */
export interface Listing {
  readonly names: readonly string[];
  /** There are more within the bounds. */
  readonly more: boolean;
}

/** The names of registers with a value in the slots of `entries`, which are in the order of their registers. */
export function listed(entries: readonly Entry[], request: ListRegisters): Listing {
  const { limit } = request;
  const names: string[] = [];
  for (const entry of entries) {
    const within = namesIn(entry, request);
    const wanted = limit - names.length;
    names.push(...within.sort().slice(0, wanted));
    if (within.length > wanted) return { names, more: true };
  }
  return { names, more: false };
}

/** What this process held before is listed as well, until it knows how that went on. */
function namesIn({ slot, former }: Entry, { after, until }: ListRegisters): string[] {
  if (!slot) return [];
  const names: string[] = [];
  const accepted = slot.acceptor.accepted;
  const isWithin = (name: string): boolean => name > after && (until === undefined || name < until);
  for (const name of accepted.keysOfValues()) if (isWithin(name)) names.push(name);
  if (slot.acceptor.synced || !former) return names;
  for (const name of former.holdings.accepted.keysOfValues()) {
    if (isWithin(name) && !accepted.has(name)) names.push(name);
  }
  return names;
}

/** How many registers this process holds a value of in this epoch, and the bytes of their names and values. */
export function counted(entries: readonly Entry[]): { registers: number; bytes: number } {
  let registers = 0;
  let bytes = 0;
  for (const { slot } of entries) {
    registers += slot?.acceptor.accepted.values ?? 0;
    bytes += slot?.acceptor.accepted.bytes ?? 0;
  }
  return { registers, bytes };
}
