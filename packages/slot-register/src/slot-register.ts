import { Component, type Context } from '@jbstore/core';
import {
  Membership,
  NewView,
  RefreshSlots,
  SlotSettled,
  SlotSynced,
  SuspicionsChanged,
} from '@jbstore/gms/port';
import { Address, Network } from '@jbstore/network/port';
import {
  CountRegisters,
  ListRegisters,
  RegisterDirectory,
  RegistersCounted,
  RegistersListed,
} from '@jbstore/register/port';
import { Timer } from '@jbstore/timer/port';
import { z } from 'zod';

import { Collector } from './collector';
import { counted, listed } from './directory';
import { Figures } from './figures';
import { serveLocally } from './local-replica';
import { LocalSlots, SlotBegun, SlotEnded } from './local-slots';
import { Phases } from './phases';
import {
  Abandon,
  Mutate,
  Prune,
  Read,
  Refused,
  RewritableRegister,
  type RefusalReason,
} from './port';
import { Proposer } from './proposer';
import { Reader } from './reader';
import { serveReplies } from './replies';
import { serveMembers } from './replica';
import { type Slot } from './slot';
import { serveTransfers } from './slot-replica';
import { Slots } from './slots';

const givenUp = 'no majority of the nodes that hold that key answered in time';

export const SlotRegisterInit = z.object({
  /** This process, as it stands in the view. */
  self: Address,
  /** A question is repeated to those who have not answered: first after so long, or a quarter more. */
  retransmitMs: z.number().positive().default(50),
  /** The wait doubles up to so much. */
  longestRetransmitMs: z.number().positive().default(2_000),
  /**
   * So many tombstones that can be collected are worth another epoch of a slot, if they are more than 30 % of its records
   * too. Fewer wait until the epoch is as old as 24 sessions can become.
   */
  fewestTombstones: z.int().positive().default(100),
});
export type SlotRegisterInit = z.input<typeof SlotRegisterInit>;

const sweepsPerRetransmission = 4;

/** The numbers of phases begin at one of these: more than a process ever uses, and small enough to count on. */
const firstPhases = 2 ** 48;

/**
 * Implements {@link RewritableRegister} by a rewritable Paxos register for each key ("CASPaxos", Rystsov 2018), in
 * which the lead of a slot owns the lowest ballot: so while it leads, its writes take the one round of the (1,N)
 * Read-Impose Write-Majority register (Cachin, Guerraoui, Rodrigues 2011).
 *
 * Departs from both: the record of a register knows the requests that made it, so copies of them do nothing; all
 * requests that wait go into one round; messages are repeated, so any of them may be lost.
 *
 * Uses links that may lose and repeat, the membership and a timer. Messages: 2(n − 1) for a write at the lead of n
 * members, as many again for the first write elsewhere, 2⌊n/2⌋ for a read. State: for each register its record with a tag,
 * and for each that is being used what waits for it.
 */
export class SlotRegister extends Component {
  readonly register = this.provides(RewritableRegister);
  readonly directory = this.provides(RegisterDirectory);
  readonly local = this.provides(LocalSlots);
  readonly network = this.requires(Network);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #figures: Figures;
  readonly #slots: Slots;
  readonly #phases: Phases;
  readonly #proposer: Proposer;
  readonly #reader: Reader;
  readonly #collector: Collector;

  constructor(context: Context, init: SlotRegisterInit) {
    super(context);
    const { self, retransmitMs, longestRetransmitMs, fewestTombstones } =
      SlotRegisterInit.parse(init);
    const sweepMs = retransmitMs / sweepsPerRetransmission;
    this.#figures = new Figures(context);
    this.#slots = new Slots(self);
    this.#collector = new Collector(fewestTombstones, this.#figures);
    this.#phases = new Phases(
      this,
      {
        first: context.random('phases').int(firstPhases),
        sweepMs,
        patience: sweepsPerRetransmission,
        longestPatience: Math.ceil(longestRetransmitMs / sweepMs),
      },
      this.#figures,
    );
    this.#proposer = new Proposer(
      this.register,
      this.#phases,
      this.#slots,
      context.random('pauses'),
      this.#figures,
    );
    const synced = (slot: Slot): void => {
      this.#synced(slot);
    };
    serveMembers(this.network, this.#slots, this.#proposer, this.#figures);
    serveTransfers(this.network, this.#slots, synced, this.#figures);
    serveLocally(this.local, this.#slots, synced);
    this.#reader = new Reader(
      this.register,
      this.#phases,
      this.#proposer,
      this.#slots,
      this.#figures,
    );

    this.#handleMembership();
    this.#handleRequests();
    serveReplies(this.network, this.#phases, this.#proposer, this.#reader, this.#figures);
    this.#handleDirectory();
  }

  #handleMembership(): void {
    this.membership.upon(NewView, ({ view }) => {
      const { over, begun } = this.#slots.install(view);
      for (const slot of over) this.#moveOn(slot);
      for (const slot of begun) this.#announce(slot);
    });

    this.membership.upon(SlotSettled, ({ slot, epoch }) => {
      this.#slots.settle(slot, epoch);
    });

    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      this.#slots.suspect(suspected);
    });
  }

  /** There is something to be transferred to a slot that follows an epoch. */
  #announce(slot: Slot): void {
    if (!slot.seat.previous) return;
    const former = this.#slots.formerOf(slot);
    this.local.next(new SlotBegun(slot.number, slot.seat, former, this.#proposer.pruning));
  }

  #synced({ number, seat }: Slot): void {
    this.#figures.synced.add();
    this.membership.next(new SlotSynced(number, seat.epoch));
  }

  /** Who waits in an epoch that is over is served in the next one: a copy of a request does no harm (D3). */
  #moveOn(slot: Slot): void {
    this.#phases.leaveAllOf(slot);
    this.local.next(new SlotEnded(slot.number));
    for (const mutate of this.#proposer.release(slot)) this.#mutate(mutate);
    for (const read of this.#reader.release(slot)) this.#read(read);
  }

  #mutate(mutate: Mutate): void {
    const slot = this.#slots.at(mutate.register);
    if (slot) this.#proposer.mutate(slot, mutate);
    else this.#refuseAsStranger(mutate);
  }

  #read(read: Read): void {
    const slot = this.#slots.at(read.register);
    if (slot) this.#reader.read(slot, read);
    else this.#refuseAsStranger(read);
  }

  #handleRequests(): void {
    this.register.upon(Mutate, (mutate) => {
      this.#mutate(mutate);
    });

    this.register.upon(Read, (read) => {
      this.#read(read);
    });

    this.register.upon(Abandon, ({ request }) => {
      const slot = this.#slots.at(request.register);
      if (request instanceof Read) {
        const isHere = slot && this.#reader.abandon(slot, request);
        if (isHere) this.#refuse(request, 'not executed', givenUp);
        return;
      }
      const stage = slot && this.#proposer.abandon(slot, request);
      if (stage === 'waited') this.#refuse(request, 'not executed', givenUp);
      if (stage === 'proposed') this.#refuse(request, 'outcome unknown', givenUp);
    });

    this.register.upon(Prune, ({ before, lifetime }) => {
      const pruning = { before, lifetime };
      this.#proposer.pruning = pruning;
      const due = this.#collector.look(this.#slots.entries, pruning);
      if (due.length > 0) this.membership.next(new RefreshSlots(due));
    });
  }

  #handleDirectory(): void {
    this.directory.upon(ListRegisters, (request) => {
      const { names, more } = listed(this.#slots.entries, request);
      this.directory.next(new RegistersListed(request, names, more));
    });

    this.directory.upon(CountRegisters, (request) => {
      const { registers, bytes } = counted(this.#slots.entries);
      this.directory.next(new RegistersCounted(request, registers, bytes));
    });
  }

  #refuseAsStranger(request: Read | Mutate): void {
    if (!this.#slots.hasView) this.#refuse(request, 'no view', 'this node has no view yet');
    else this.#refuse(request, 'wrong node', 'this node does not hold that key');
  }

  #refuse(request: Read | Mutate, reason: RefusalReason, text: string): void {
    this.register.next(new Refused(request, reason, text));
  }
}
