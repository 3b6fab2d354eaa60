import {
  NewView,
  SlotSynced,
  addressOf,
  epochOf,
  runOf,
  slotOf,
  type View,
} from '@jbstore/gms/port';
import type { PortEvent } from '@jbstore/core';
import type { Address } from '@jbstore/network/port';
import type { SlotFacts } from '@jbstore/slot-register/ghosts';

import type { Step } from './invariant';
import { SlotLines } from './slot-lines';

/** Who holds a slot in an epoch. */
interface Holders {
  readonly addresses: readonly Address[];
  readonly indices: readonly number[];
  readonly lead: number;
  /** Who was asked what is left, by an operator's force, and of which epoch. */
  readonly left: { readonly epoch: number; readonly survivors: readonly Address[] } | undefined;
  /** Who has been there, and has no epoch before to learn from, or has learnt it. */
  readonly synced: Set<Address>;
  readonly isFirst: boolean;
}

/** What is true of slots, by all views that there were, and by who has installed which. */
export class KnownSlots implements Omit<SlotFacts, 'hasValueBefore'> {
  readonly #epochs = new Map<string, Holders>();
  /** The view that the registers of a process have. */
  readonly #views = new Map<Address, View>();
  readonly #lines = new SlotLines();
  /** What registers have handled once there were views of later eras: with which view. */
  readonly #handledWith = new WeakMap<PortEvent, View>();
  #slotCount: View | undefined;
  #newest = 0;

  step({ event, process, port }: Step): void {
    if (event instanceof SlotSynced) {
      this.#holders(event.slot, event.epoch)?.synced.add(process.self);
    }
    if (port.includes('/SlotRegister')) this.#handled(process.self, event);
    if (!(event instanceof NewView)) return;
    const { view } = event;
    if (epochOf(view) <= this.#newest) return;
    this.#newest = epochOf(view);
    this.#slotCount = view;
    this.#lines.learn(view);
    this.#learn(view);
  }

  #handled(self: Address, event: PortEvent): void {
    if (event instanceof NewView) this.#views.set(self, event.view);
    const view = this.#views.get(self);
    if (view && view.era > 0) this.#handledWith.set(event, view);
  }

  /** The epoch that began the line of a register in an epoch; in the newest, if none is named. */
  lineOf(register: string, epoch = this.#newest): number {
    return this.#lines.lineOf(this.slotOf(register), epoch);
  }

  /** Who was asked what is left of a register when a line began. */
  leftOf(register: string, line: number): Holders['left'] {
    return this.#holders(this.slotOf(register), line)?.left;
  }

  /** The same of an answer that a register gave because of `cause`. */
  lineOfAnswer(register: string, cause: PortEvent | undefined): number {
    const view = cause && this.#handledWith.get(cause);
    if (!view) return this.lineOf(register, 1);
    return this.lineOf(register, runOf(view, this.slotOf(register)).epoch);
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
      const left = previous?.forced && {
        epoch: previous.epoch,
        survivors: previous.group.flatMap((member) => addressOf(view, member) ?? []),
      };
      const seats = { addresses, indices: group, lead, left: left === false ? undefined : left };
      this.#epochs.set(key, { ...seats, synced: new Set(), isFirst });
    }
  }
}
