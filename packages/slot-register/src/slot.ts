import { LinkedList, invariant } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';
import { type Group } from '@jbstore/register/port';

import { Acceptor } from './acceptor';
import { Agendas } from './agenda';
import { Collection } from './collection';
import { type Reading } from './reading';
import { SyncStreams } from './sync-streams';
import { firstBallotOf, type Ballot, type Tag } from './tag';

/** Who held a slot in the epoch before. */
export interface Previous {
  readonly epoch: number;
  readonly members: readonly Address[];
  /** So many of them know all that was chosen in that epoch, once they take part in it no longer. */
  readonly quorum: number;
  /** These are those who survived a loss: each has something, and nobody else has anything. */
  readonly isForced: boolean;
}

/** Who holds a slot in one of its epochs. */
export interface Place {
  readonly epoch: number;
  readonly group: Group;
  readonly leadRank: number;
  readonly leadIndex: number;
  /** Undefined in the first epoch of all, in which there is nothing to be had from others. */
  readonly previous: Previous | undefined;
}

/** As a member of the group sees it. A class, as objects that are spread into others differ to the engine. */
export class Seat implements Place {
  readonly epoch: number;
  readonly group: Group;
  readonly leadRank: number;
  readonly leadIndex: number;
  readonly previous: Previous | undefined;

  constructor(
    { epoch, group, leadRank, leadIndex, previous }: Place,
    /** The rank of this process in the group, and its index in the view. */
    readonly ownRank: number,
    readonly ownIndex: number,
  ) {
    this.epoch = epoch;
    this.group = group;
    this.leadRank = leadRank;
    this.leadIndex = leadIndex;
    this.previous = previous;
  }
}

/** One slot in one of its epochs, at a member of its group: what it has accepted, and what it proposes. */
export class Slot {
  readonly acceptor: Acceptor;
  readonly streams: SyncStreams;
  /** What is asked of registers at this proposer, where there is something. */
  readonly agendas = new Agendas();
  /** The reads that this process performs. */
  readonly readings = new LinkedList<Reading>();
  /** B0, which nobody but the lead uses. */
  readonly firstBallot: Ballot;
  /** The tags that bases had in the epoch before, by register; as long as the lead tells them to the others. */
  readonly formerTags = new Map<string, Tag>();
  readonly collection: Collection;
  /** A majority of the group has all that earlier epochs chose, as this process has heard. */
  isSettled: boolean;

  constructor(
    readonly number: number,
    readonly seat: Seat,
  ) {
    this.isSettled = seat.previous === undefined;
    this.acceptor = new Acceptor(this.isSettled);
    this.collection = new Collection(this.acceptor.accepted);
    this.streams = new SyncStreams(this.acceptor, seat.epoch);
    this.firstBallot = firstBallotOf(seat.leadIndex);
  }

  get leads(): boolean {
    return this.seat.leadRank === this.seat.ownRank;
  }

  get self(): Address {
    return selfIn(this.seat);
  }
}

/** The address of this process. */
export function selfIn({ group, ownRank }: Seat): Address {
  const self = group.members[ownRank];
  invariant(self !== undefined, 'a slot is at a member of its group');
  return self;
}
