import { type ProvidedPort, type Random, type RequiredPort } from '@jbstore/core';
import { type Address, type Message, type Network } from '@jbstore/network/port';

import { type Floors, type Holdings } from './acceptor';
import { basesOf, listedEntries, votedEntries } from './bases';
import { formers, votes } from './gatherings';
import {
  FixBases,
  HeedSlot,
  ListSlot,
  TakeSlot,
  type LocalSlots,
  type SlotListed,
} from './local-slots';
import { SyncDoneMessage, unpackedRecords, type PageMessage } from './messages';
import { TransferBegun, TransferEnded, TransferMoved, type SlotTransfers } from './port';
import { selfIn } from './slot';
import { Stream, type StreamEntry } from './stream';
import { noBallot, type Ballot } from './tag';
import { type Transfer } from './transfer';

/**
 * What is not answered is sent again after so many ticks without progress, and after 2, 4… times as many. After so many
 * all begins anew, and each time later.
 */
const repeatTicks = 2;
const restartTicks = 20;
/** A pause before it begins anew lasts up to 2^failures ticks, and this at most. */
const mostFailures = 6;

interface SynchroniserInit {
  readonly windowBytes: number;
  /** The numbers of phases begin behind it, so that no reply to a former life counts. */
  readonly firstPhase: number;
}

/** How a slot is synchronised, step by step (5.5). */
export class Synchroniser {
  readonly #network: RequiredPort<typeof Network>;
  readonly #slots: RequiredPort<typeof LocalSlots>;
  readonly #transfers: ProvidedPort<typeof SlotTransfers>;
  readonly #random: Random;
  readonly #windowBytes: number;
  readonly #byPhase = new Map<number, Transfer>();
  /** Who is suspected is sent nothing, and not waited for. */
  suspected: ReadonlySet<Address> = new Set();
  ticks = 0;
  #lastPhase: number;

  constructor(
    network: RequiredPort<typeof Network>,
    slots: RequiredPort<typeof LocalSlots>,
    transfers: ProvidedPort<typeof SlotTransfers>,
    random: Random,
    { windowBytes, firstPhase }: SynchroniserInit,
  ) {
    this.#network = network;
    this.#slots = slots;
    this.#transfers = transfers;
    this.#random = random;
    this.#windowBytes = windowBytes;
    this.#lastPhase = firstPhase;
  }

  /** The transfer whose questions are answered under this number. */
  find(phase: number): Transfer | undefined {
    return this.#byPhase.get(phase);
  }

  begin(transfer: Transfer): void {
    const { slot, seat, synced } = transfer;
    const { epoch } = seat;
    this.#transfers.next(new TransferBegun(slot, epoch));
    this.#progress(transfer);
    if (!transfer.usesFirstBallot) {
      transfer.step = { kind: 'asking' };
      this.#slots.next(new TakeSlot(slot, epoch));
    } else if (synced.has(selfIn(seat))) {
      transfer.step = { kind: 'asking' };
      this.#slots.next(new ListSlot(slot, epoch));
    } else this.#gatherFormers(transfer);
  }

  #gatherFormers(transfer: Transfer): void {
    transfer.step = { kind: 'gathering', what: 'formers', gathering: formers(transfer) };
    this.#gatherOn(transfer);
  }

  #gatherOn(transfer: Transfer): void {
    const { step, slot, seat, pruning } = transfer;
    if (step.kind !== 'gathering') return;
    this.#progress(transfer);
    const { gathered } = step.gathering;
    if (!gathered) {
      this.#newPhase(transfer);
      this.#send(step.gathering.questions);
    } else if (step.what === 'votes' && !gathered.complete) {
      transfer.votes = gathered;
      this.#gatherFormers(transfer);
    } else if (step.what === 'votes') {
      const { entries, floors } = votedEntries(seat, gathered, undefined);
      this.#stream(transfer, entries, floors);
    } else if (transfer.votes) {
      const { entries, floors } = votedEntries(seat, transfer.votes, basesOf(gathered, pruning));
      this.#stream(transfer, entries, floors);
    } else {
      const { bases, ...floors } = basesOf(gathered, pruning);
      transfer.step = { kind: 'asking' };
      this.#slots.next(new FixBases(slot, seat.epoch, bases, floors));
    }
  }

  /** Sends all that the slot begins with to its members; to this process as well, if its ballot is not the first. */
  #stream(transfer: Transfer, entries: readonly StreamEntry[], floors: Floors): void {
    const { slot, seat, ballot } = transfer;
    const self = selfIn(seat);
    if (transfer.usesFirstBallot) transfer.synced.add(self);
    const windowBytes = this.#windowBytes;
    const { generationFloor, versionFloor } = floors;
    const stream = new Stream({
      ...{ slot, epoch: seat.epoch, ballot, entries, windowBytes, generationFloor, versionFloor },
      phase: this.#newPhase(transfer),
      members: seat.group.members.filter((member) => !transfer.synced.has(member)),
      holders: seat.previous?.members ?? [],
    });
    transfer.step = { kind: 'streaming', stream };
    for (const member of seat.group.members) {
      if (this.isAlive(member)) this.#send(stream.fresh(member));
    }
    this.#endIfSynced(transfer);
  }

  #endIfSynced(transfer: Transfer): void {
    const { slot, seat, synced } = transfer;
    const { members } = seat.group;
    const lacking = members.filter((member) => !synced.has(member));
    if (lacking.some((member) => this.isAlive(member))) return;
    this.#transfers.next(new TransferEnded(slot, seat.epoch));
    transfer.failures = 0;
    if (lacking.length > 0) {
      // Who is suspected may come back.
      this.#rest(transfer, 0);
      return;
    }
    for (const member of members) {
      if (member === selfIn(seat)) continue;
      this.#network.next(new SyncDoneMessage(member, { slot, epoch: seat.epoch }));
    }
    this.forget(transfer);
  }

  /** The bases are fixed at the lead, or cannot be. */
  basesFixed(transfer: Transfer, fixed: boolean): void {
    if (fixed) this.#slots.next(new ListSlot(transfer.slot, transfer.seat.epoch));
    else this.giveUp(transfer);
  }

  listed(transfer: Transfer, listing: SlotListed['listing']): void {
    if (!listing) this.giveUp(transfer);
    else this.#stream(transfer, listedEntries(transfer.seat, listing.records), listing);
  }

  taken(transfer: Transfer, ballot: Ballot, holdings: Holdings): void {
    transfer.ballot = ballot;
    transfer.step = { kind: 'gathering', what: 'votes', gathering: votes(transfer, holdings) };
    this.#gatherOn(transfer);
  }

  /** Without a page, what was held is gone: a majority is synced, and will say so. */
  paged(transfer: Transfer, { source, page, ballot }: PageMessage): void {
    const { step } = transfer;
    if (step.kind !== 'gathering' || !step.gathering.asks(source)) return;
    // Who prepared the slot need not mind who has overtaken it in some registers.
    if (!page || (transfer.usesFirstBallot && ballot > transfer.ballot)) {
      this.giveUp(transfer, ballot);
      return;
    }
    const entries = unpackedRecords(page.entries);
    if (step.gathering.receive(source, { ...page, entries })) this.#gatherOn(transfer);
  }

  needed({ step }: Transfer, member: Address, chunk: number, registers: readonly string[]): void {
    if (step.kind === 'streaming') this.#send(step.stream.needed(member, chunk, registers));
  }

  acknowledged(transfer: Transfer, member: Address, chunk: number, isSynced: boolean): void {
    const { step, slot, seat } = transfer;
    if (step.kind !== 'streaming' || !step.stream.acknowledged(member, chunk, isSynced)) return;
    this.#progress(transfer);
    const { stream } = step;
    const passed = stream.passed(member);
    this.#transfers.next(new TransferMoved(slot, seat.epoch, member, passed, stream.chunks));
    if (!isSynced) {
      this.#send(stream.fresh(member));
      return;
    }
    transfer.synced.add(member);
    this.#endIfSynced(transfer);
  }

  /** What takes too long is asked again; what takes much too long is begun anew. */
  attend(transfer: Transfer): void {
    const { step, progressTick, failures, seat } = transfer;
    const waited = this.ticks - progressTick;
    if (step.kind === 'resting' || step.kind === 'asking' || waited === 0) return;
    if (waited >= restartTicks * (1 + failures)) this.giveUp(transfer);
    else if (waited < repeatTicks || !isPowerOfTwo(waited)) return;
    else if (step.kind === 'gathering') this.#send(step.gathering.questions);
    else if (step.kind === 'streaming') {
      for (const member of seat.group.members.filter((one) => this.isAlive(one))) {
        this.#send(step.stream.again(member));
        this.#send(step.stream.fresh(member));
      }
    }
  }

  /** The ballot is used no longer: the next is higher than `heard`, and prepared for the whole slot. */
  giveUp(transfer: Transfer, heard: Ballot = noBallot): void {
    const { slot, seat } = transfer;
    this.#slots.next(new HeedSlot(slot, seat.epoch, heard));
    transfer.ballot = noBallot;
    transfer.failures = Math.min(transfer.failures + 1, mostFailures);
    this.#rest(transfer, this.#random.int(2 ** transfer.failures));
  }

  #rest(transfer: Transfer, ticks: number): void {
    this.#byPhase.delete(transfer.phase);
    transfer.votes = undefined;
    transfer.step = { kind: 'resting', untilTick: this.ticks + ticks };
  }

  /** It is over, or of an epoch that is. */
  forget(transfer: Transfer): void {
    this.#byPhase.delete(transfer.phase);
    transfer.step = { kind: 'done' };
  }

  isAlive(member: Address): boolean {
    return !this.suspected.has(member);
  }

  #newPhase(transfer: Transfer): number {
    this.#byPhase.delete(transfer.phase);
    this.#lastPhase += 1;
    transfer.phase = this.#lastPhase;
    this.#byPhase.set(transfer.phase, transfer);
    return transfer.phase;
  }

  #progress(transfer: Transfer): void {
    transfer.progressTick = this.ticks;
  }

  #send(messages: Iterable<Message>): void {
    for (const message of messages) this.#network.next(message);
  }
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
