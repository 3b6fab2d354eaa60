import { Component, Start, type Context } from '@jbstore/core';
import { Membership, SlotSettled, SuspicionsChanged } from '@jbstore/gms/port';
import { Network } from '@jbstore/network/port';
import { CancelTimeout, SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { BasesFixed, LocalSlots, SlotBegun, SlotEnded, SlotListed, SlotTaken } from './local-slots';
import {
  PageMessage,
  SlotNackMessage,
  SyncAckMessage,
  SyncDoneMessage,
  SyncNeedMessage,
} from './messages';
import { SlotTransfers } from './port';
import { preferredRank } from './preference';
import { Synchroniser } from './synchroniser';
import { Transfer } from './transfer';

export const SlotTransferInit = z.object({
  /** How often it is looked at what takes too long. */
  tickMs: z.number().positive().default(50),
  /** The most slots that are synchronised at one time by this process. */
  mostTransfers: z.int().positive().default(8),
  /** The most bytes of one slot that are on their way to one member. */
  windowBytes: z
    .int()
    .positive()
    .default(256 * 1024),
});
export type SlotTransferInit = z.input<typeof SlotTransferInit>;

class Tick extends Timeout {}

/** The numbers of phases begin at one of these: more than a process ever uses, and small enough to count on. */
const firstPhases = 2 ** 48;

/**
 * Synchronises the slots of this process that have begun an epoch (5.5): the lead, or who is preferred in its place,
 * collects what was chosen before and streams it to the group, while requests go on.
 *
 * The lead needs no promises: it takes what the previous group held as the bases of its first ballot. If anybody has
 * a higher ballot for a register, or the lead is suspected, the slot is prepared first, as a register is in a takeover.
 *
 * Uses the slots of this process, links that may lose and repeat, the membership and a timer. Moves one copy of the
 * slot to each member that did not hold it, and tags only to the others. State: one copy of the slot's records, shared.
 */
export class SlotTransfer extends Component {
  readonly transfers = this.provides(SlotTransfers);
  readonly slots = this.requires(LocalSlots);
  readonly network = this.requires(Network);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #init: z.output<typeof SlotTransferInit>;
  readonly #synchroniser: Synchroniser;
  readonly #transfers = new Map<number, Transfer>();
  #tick: Tick | undefined;

  constructor(context: Context, init: SlotTransferInit) {
    super(context);
    this.#init = SlotTransferInit.parse(init);
    this.#synchroniser = new Synchroniser(
      this.network,
      this.slots,
      this.transfers,
      context.random('pauses'),
      {
        windowBytes: this.#init.windowBytes,
        firstPhase: context.random('phases').int(firstPhases),
      },
    );

    this.#handleSlots();
    this.#handleAnswers();
    this.#handleTime();
  }

  #handleSlots(): void {
    this.slots.upon(SlotBegun, ({ slot, seat, former, pruning }) => {
      this.#forget(slot);
      this.#transfers.set(slot, new Transfer(slot, seat, former, pruning));
      this.#look();
    });

    this.slots.upon(SlotEnded, ({ slot }) => {
      this.#forget(slot);
    });

    this.slots.upon(BasesFixed, ({ slot, epoch, fixed }) => {
      const transfer = this.#asking(slot, epoch);
      if (transfer) this.#synchroniser.basesFixed(transfer, fixed);
    });

    this.slots.upon(SlotListed, ({ slot, epoch, listing }) => {
      const transfer = this.#asking(slot, epoch);
      if (transfer) this.#synchroniser.listed(transfer, listing);
    });

    this.slots.upon(SlotTaken, ({ slot, epoch, ballot, holdings }) => {
      const transfer = this.#asking(slot, epoch);
      if (transfer) this.#synchroniser.taken(transfer, ballot, holdings);
    });
  }

  /** Whoever waits for the answer of the own slots; undefined if it comes too late. */
  #asking(slot: number, epoch: number): Transfer | undefined {
    const transfer = this.#transfers.get(slot);
    return transfer?.seat.epoch === epoch && transfer.step.kind === 'asking' ? transfer : undefined;
  }

  #handleAnswers(): void {
    this.network.upon(PageMessage, (message) => {
      const transfer = this.#synchroniser.find(message.phase);
      if (transfer) this.#synchroniser.paged(transfer, message);
    });

    this.network.upon(SyncNeedMessage, ({ source, phase, chunk, registers }) => {
      const transfer = this.#synchroniser.find(phase);
      if (transfer) this.#synchroniser.needed(transfer, source, chunk, registers);
    });

    this.network.upon(SyncAckMessage, ({ source, phase, chunk, synced }) => {
      const transfer = this.#synchroniser.find(phase);
      if (!transfer) return;
      this.#synchroniser.acknowledged(transfer, source, chunk, synced);
      if (transfer.step.kind !== 'streaming') this.#look(); // There is room for another slot.
    });

    this.network.upon(SlotNackMessage, ({ source, phase, ballot }) => {
      const transfer = this.#synchroniser.find(phase);
      const isMember = transfer?.seat.group.rankOf(source) !== undefined;
      if (transfer && isMember) this.#synchroniser.giveUp(transfer, ballot);
    });

    this.network.upon(SyncDoneMessage, ({ source, slot, epoch }) => {
      const transfer = this.#transfers.get(slot);
      if (transfer?.seat.epoch !== epoch) return;
      if (transfer.seat.group.rankOf(source) !== undefined) this.#forget(slot);
    });
  }

  #handleTime(): void {
    // Nobody is asked any more for what was held before.
    this.membership.upon(SlotSettled, ({ slot, epoch }) => {
      const transfer = this.#transfers.get(slot);
      if (transfer?.seat.epoch === epoch) transfer.former = undefined;
    });

    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      this.#synchroniser.suspected = new Set(suspected);
      this.#look();
    });

    this.timer.upon(Tick, (tick) => {
      if (tick !== this.#tick) return; // A shared timer: it is someone else's.
      this.#synchroniser.ticks += 1;
      for (const transfer of this.#transfers.values()) this.#synchroniser.attend(transfer);
      this.#look();
    });

    this.control.upon(Start, () => {
      this.#tick = undefined;
      this.#look();
    });
  }

  #forget(slot: number): void {
    const transfer = this.#transfers.get(slot);
    if (transfer) this.#synchroniser.forget(transfer);
    this.#transfers.delete(slot);
  }

  /** Begins what is the turn of this process, as far as there is room; and looks again, while anything is left of it. */
  #look(): void {
    let running = 0;
    for (const [slot, { step }] of this.#transfers) {
      if (step.kind === 'done') this.#transfers.delete(slot);
      else if (step.kind !== 'resting') running += 1;
    }
    let waiting = 0;
    for (const transfer of this.#transfers.values()) {
      if (!this.#isTurn(transfer)) continue;
      if (running < this.#init.mostTransfers && this.#isDue(transfer)) {
        running += 1;
        this.#synchroniser.begin(transfer);
      } else waiting += 1;
    }
    this.#tickWhile(running + waiting > 0);
  }

  #tickWhile(isBusy: boolean): void {
    if (isBusy && !this.#tick) {
      this.#tick = new Tick();
      this.timer.next(new SchedulePeriodicTimeout(this.#init.tickMs, this.#tick));
    } else if (!isBusy && this.#tick) {
      this.timer.next(new CancelTimeout(this.#tick));
      this.#tick = undefined;
    }
  }

  #isDue({ step }: Transfer): boolean {
    return step.kind === 'resting' && step.untilTick <= this.#synchroniser.ticks;
  }

  /** It rests, it is the turn of this process, and some member that is not suspected may lack something. */
  #isTurn({ step, seat, synced }: Transfer): boolean {
    const { suspected } = this.#synchroniser;
    if (step.kind !== 'resting' || preferredRank(seat, suspected) !== seat.ownRank) return false;
    return seat.group.members.some((member) => !suspected.has(member) && !synced.has(member));
  }
}
