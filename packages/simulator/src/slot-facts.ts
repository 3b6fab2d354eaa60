import {
  NewView,
  SlotSynced,
  addressOf,
  epochOf,
  runOf,
  slotOf,
  type View,
} from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';
import type { SlotFacts } from '@jbstore/slot-register/ghosts';

import type { Step } from './invariant';

/** Who holds a slot in an epoch. */
interface Holders {
  readonly addresses: readonly Address[];
  readonly indices: readonly number[];
  readonly lead: number;
  /** Who has been there, and has no epoch before to learn from, or has learnt it. */
  readonly synced: Set<Address>;
  readonly isFirst: boolean;
}

/** What is true of slots, by all views that there were, and by who has installed which. */
export class KnownSlots implements Omit<SlotFacts, 'hasValueBefore'> {
  readonly #epochs = new Map<string, Holders>();
  /** The view that the registers of a process have. */
  readonly #views = new Map<Address, View>();
  #slotCount: View | undefined;
  #newest = 0;

  step({ event, process, port }: Step): void {
    if (event instanceof SlotSynced) {
      this.#holders(event.slot, event.epoch)?.synced.add(process.self);
    }
    if (!(event instanceof NewView)) return;
    const { view } = event;
    if (port.includes('/SlotRegister')) this.#views.set(process.self, view);
    if (epochOf(view) <= this.#newest) return;
    this.#newest = epochOf(view);
    this.#slotCount = view;
    this.#learn(view);
  }

  slotOf(register: string): number {
    return this.#slotCount ? slotOf(this.#slotCount, register) : 0;
  }

  groupOf(epoch: number, register: string): readonly Address[] {
    return this.#holders(this.slotOf(register), epoch)?.addresses ?? [];
  }

  epochAt(process: Address, slot: number): number {
    const view = this.#views.get(process);
    return view ? runOf(view, slot).epoch : 0;
  }

  seatOf(
    process: Address,
    slot: number,
    epoch: number,
  ): { index: number; leads: boolean } | undefined {
    const holders = this.#holders(slot, epoch);
    const index = holders?.indices[holders.addresses.indexOf(process)];
    return index === undefined ? undefined : { index, leads: holders?.lead === index };
  }

  isSettled(slot: number, epoch: number): boolean {
    const holders = this.#holders(slot, epoch);
    if (!holders || holders.isFirst) return true;
    const synced = holders.addresses.filter((member) => holders.synced.has(member));
    return 2 * synced.length > holders.addresses.length;
  }

  #holders(slot: number, epoch: number): Holders | undefined {
    return this.#epochs.get(`${String(slot)} ${String(epoch)}`);
  }

  #learn(view: View): void {
    for (let slot = 0; slot < view.slotCount; slot += 1) {
      const { epoch, group, lead, previous } = runOf(view, slot);
      const key = `${String(slot)} ${String(epoch)}`;
      if (this.#epochs.has(key)) continue;
      const addresses = group.flatMap((member) => addressOf(view, member) ?? []);
      const isFirst = previous === undefined;
      this.#epochs.set(key, { addresses, indices: group, lead, synced: new Set(), isFirst });
    }
  }
}
