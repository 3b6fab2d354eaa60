import { Component, Start, Stop, type Context } from '@jbstore/core';
import { Membership, NewView, SuspicionsChanged } from '@jbstore/gms/port';
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

import { Consultation } from './consultation';
import { counted, listed } from './directory';
import { Figures } from './figures';
import { Imposition } from './imposition';
import {
  AcceptedMessage,
  NackMessage,
  PromiseMessage,
  SettledMessage,
  ValueMessage,
  unpacked,
  unpackedVote,
} from './messages';
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
import { Preparation } from './preparation';
import { Proposer } from './proposer';
import { Reader } from './reader';
import { serveMembers } from './replica';
import { type Slot } from './slot';
import { Slots } from './slots';

const givenUp = 'no majority of the nodes that hold that key answered in time';

export const SlotRegisterInit = z.object({
  /** This process, as it stands in the view. */
  self: Address,
  /** A question is repeated to those who have not answered: first after so long, or a quarter more. */
  retransmitMs: z.number().positive().default(50),
  /** The wait doubles up to so much. */
  longestRetransmitMs: z.number().positive().default(2_000),
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
 * members or a read, as many again for the first write elsewhere. State: for each register its record with a tag,
 * and for each that is being used what waits for it.
 */
export class SlotRegister extends Component {
  readonly register = this.provides(RewritableRegister);
  readonly directory = this.provides(RegisterDirectory);
  readonly network = this.requires(Network);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #figures: Figures;
  readonly #slots: Slots;
  readonly #phases: Phases;
  readonly #proposer: Proposer;
  readonly #reader: Reader;

  constructor(context: Context, init: SlotRegisterInit) {
    super(context);
    const { self, retransmitMs, longestRetransmitMs } = SlotRegisterInit.parse(init);
    const sweepMs = retransmitMs / sweepsPerRetransmission;
    this.#figures = new Figures(context);
    this.#slots = new Slots(self);
    this.#phases = new Phases(
      this.network,
      this.timer,
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
      context.random('pauses'),
      this.#figures,
    );
    const preferredRank = (slot: Slot): number => this.#slots.preferredRank(slot);
    serveMembers(this.network, this.#slots, this.#proposer, this.#figures);
    this.#reader = new Reader(
      this.register,
      this.#phases,
      this.#proposer,
      preferredRank,
      this.#figures,
    );

    this.#handleMembership();
    this.#handleRequests();
    this.#handleReplies();
    this.#handleDirectory();
  }

  #handleMembership(): void {
    this.membership.upon(NewView, ({ view }) => {
      for (const slot of this.#slots.install(view)) this.#phases.leaveAllOf(slot);
    });

    this.membership.upon(SuspicionsChanged, ({ suspected }) => {
      this.#slots.suspect(suspected);
    });

    this.control.upon(Start, () => {
      this.#phases.resume();
    });

    this.control.upon(Stop, () => {
      this.#phases.rest();
    });
  }

  #handleRequests(): void {
    this.register.upon(Mutate, (mutate) => {
      const slot = this.#slots.at(mutate.register);
      if (slot) this.#proposer.mutate(slot, mutate);
      else this.#refuseAsStranger(mutate);
    });

    this.register.upon(Read, (read) => {
      const slot = this.#slots.at(read.register);
      if (slot) this.#reader.read(slot, read);
      else this.#refuseAsStranger(read);
    });

    this.register.upon(Abandon, ({ request }) => {
      const slot = this.#slots.at(request.register);
      if (request instanceof Read) {
        if (this.#reader.abandon(request)) this.#refuse(request, 'not executed', givenUp);
        return;
      }
      const stage = slot && this.#proposer.abandon(slot, request);
      if (stage === 'waited') this.#refuse(request, 'not executed', givenUp);
      if (stage === 'proposed') this.#refuse(request, 'outcome unknown', givenUp);
    });

    this.register.upon(Prune, ({ before, lifetime }) => {
      this.#proposer.pruning = { before, lifetime };
    });
  }

  /** What the other members answer to this one: counted if the phase runs, once for each member of the group. */
  #handleReplies(): void {
    this.network.upon(PromiseMessage, (reply) => {
      const phase = this.#phases.find(reply.phase);
      if (!(phase instanceof Preparation) || phase.hear(reply.source) === undefined) this.#stray();
      else this.#proposer.promised(phase, unpackedVote(reply.vote));
    });

    this.network.upon(AcceptedMessage, (reply) => {
      const phase = this.#phases.find(reply.phase);
      const rank = phase instanceof Imposition ? phase.hear(reply.source) : undefined;
      if (!(phase instanceof Imposition) || rank === undefined) {
        this.#stray();
        return;
      }
      phase.hold(rank);
      if (!phase.isChosen) return;
      this.#phases.leave(phase.number);
      phase.conclude();
    });

    // A4
    this.network.upon(NackMessage, ({ source, phase: number, ballot }) => {
      const phase = this.#phases.find(number);
      if (phase?.hear(source) === undefined) {
        this.#stray();
        return;
      }
      phase.slot.acceptor.heed(phase.register, ballot);
      this.#phases.leave(number);
      phase.refused();
    });

    this.network.upon(ValueMessage, ({ source, phase: number, tag, record }) => {
      const phase = this.#phases.find(number);
      const rank = phase instanceof Consultation ? phase.hear(source) : undefined;
      if (!(phase instanceof Consultation) || rank === undefined) {
        this.#stray();
        return;
      }
      if (tag) phase.learn(rank, tag, record ? unpacked(record) : undefined);
      phase.consider();
    });

    this.network.upon(SettledMessage, ({ source, phase: number }) => {
      const phase = this.#phases.find(number);
      if (phase?.hear(source) === undefined) this.#stray();
      else this.#reader.settled(phase);
    });
  }

  #handleDirectory(): void {
    this.directory.upon(ListRegisters, (request) => {
      const { names, more } = listed(this.#slots.all(), request);
      this.directory.next(new RegistersListed(request, names, more));
    });

    this.directory.upon(CountRegisters, (request) => {
      const { registers, bytes } = counted(this.#slots.all());
      this.directory.next(new RegistersCounted(request, registers, bytes));
    });
  }

  #stray(): void {
    this.#figures.strayReplies.add();
  }

  #refuseAsStranger(request: Read | Mutate): void {
    if (!this.#slots.hasView) this.#refuse(request, 'no view', 'this node has no view yet');
    else this.#refuse(request, 'wrong node', 'this node does not hold that key');
  }

  #refuse(request: Read | Mutate, reason: RefusalReason, text: string): void {
    this.register.next(new Refused(request, reason, text));
  }
}
