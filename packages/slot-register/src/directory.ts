import { type ListRegisters } from '@jbstore/register/port';

import { type Slot } from './slot';

/** A part of the names that were asked for. */
export interface Listing {
  readonly names: readonly string[];
  /** There are more within the bounds. */
  readonly more: boolean;
}

/** The names of registers with a value in `slots`, which are in the order of their registers. */
export function listed(
  slots: readonly (Slot | undefined)[],
  { after, until, limit }: ListRegisters,
): Listing {
  const names: string[] = [];
  for (const slot of slots) {
    if (!slot) continue;
    const within: string[] = [];
    for (const [name, { record }] of slot.acceptor.accepted) {
      if (name <= after || (until !== undefined && name >= until)) continue;
      if (record.value !== undefined) within.push(name);
    }
    const wanted = limit - names.length;
    names.push(...within.sort().slice(0, wanted));
    if (within.length > wanted) return { names, more: true };
  }
  return { names, more: false };
}

/** How many registers in `slots` have a value, and the bytes of their names and values. */
export function counted(slots: readonly (Slot | undefined)[]): {
  registers: number;
  bytes: number;
} {
  let registers = 0;
  let bytes = 0;
  for (const slot of slots) {
    registers += slot?.acceptor.values ?? 0;
    bytes += slot?.acceptor.bytes ?? 0;
  }
  return { registers, bytes };
}
