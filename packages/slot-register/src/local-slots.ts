import { event, portType, request } from '@jbstore/core';

import { type Floors, type Holdings } from './acceptor';
import { type Former } from './former';
import { type HeldRecord } from './pages';
import { type Pruning } from './pruning';
import { type Seat } from './slot';
import { type Ballot, type Tag } from './tag';

/** A slot of this process has begun an epoch that follows another one. */
export class SlotBegun extends event('SlotBegun') {
  constructor(
    readonly slot: number,
    readonly seat: Seat,
    /** What this process held in the epoch before, if it was in that group. */
    readonly former: Former | undefined,
    /** Which sessions are over by now. */
    readonly pruning: Pruning,
  ) {
    super();
  }
}

/** This process is not in the group of the slot any more. */
export class SlotEnded extends event('SlotEnded') {
  constructor(readonly slot: number) {
    super();
  }
}

/** A record with which an epoch begins, and the tag that it had in the epoch before. */
export interface MergedBase {
  readonly register: string;
  readonly record: HeldRecord['record'];
  readonly former: Tag;
}

/** The answer to {@link FixBases}; not `fixed` if somebody has a higher ballot than the lead's first. */
export class BasesFixed extends event('BasesFixed') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    readonly fixed: boolean,
  ) {
    super();
  }
}

/** Asks, at the lead, to begin the epoch with these records of a slot, and with nothing else: it is synced then. */
export class FixBases extends request('FixBases', BasesFixed) {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    readonly bases: readonly MergedBase[],
    readonly floors: Floors,
  ) {
    super();
  }
}

/** A record as the lead of a slot tells it to the others, and the tag that it had in the epoch before. */
export interface ListedRecord {
  readonly register: string;
  readonly count: number;
  readonly record: HeldRecord['record'];
  readonly former: Tag | undefined;
}

/** The answer to {@link ListSlot}; without a listing if somebody has a higher ballot than the lead's first. */
export class SlotListed extends event('SlotListed') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    readonly listing: (Floors & { readonly records: readonly ListedRecord[] }) | undefined,
  ) {
    super();
  }
}

/** Asks, at the lead that is synced, for all that it has accepted with its first ballot. */
export class ListSlot extends request('ListSlot', SlotListed) {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/** The answer to {@link TakeSlot}. */
export class SlotTaken extends event('SlotTaken') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    /** Higher than all that was heard of in this epoch, and promised by this process for the whole slot. */
    readonly ballot: Ballot,
    /** What this process votes for. */
    readonly holdings: Holdings,
  ) {
    super();
  }
}

/** Asks for a ballot for the whole slot. */
export class TakeSlot extends request('TakeSlot', SlotTaken) {
  constructor(
    readonly slot: number,
    readonly epoch: number,
  ) {
    super();
  }
}

/** A4: somebody has promised this ballot for the slot, or for a register of it. */
export class HeedSlot extends event('HeedSlot') {
  constructor(
    readonly slot: number,
    readonly epoch: number,
    readonly ballot: Ballot,
  ) {
    super();
  }
}

/**
 * The slots of this process, for who synchronises them. What is asked about an epoch that is over has no effect,
 * and no answer.
 */
export const LocalSlots = portType('LocalSlots', {
  requests: [FixBases, ListSlot, TakeSlot, HeedSlot],
  indications: [SlotBegun, SlotEnded, BasesFixed, SlotListed, SlotTaken],
});
