import { type Group } from '@jbstore/register/port';

import { Acceptor } from './acceptor';
import { type Agenda } from './agenda';
import { firstBallotOf, type Ballot } from './tag';

/** Who holds a slot in one of its epochs, as this process, a member of the group, sees it. */
export interface Seat {
  readonly epoch: number;
  readonly group: Group;
  /** The rank of this process in the group, and its index in the view. */
  readonly ownRank: number;
  readonly ownIndex: number;
  readonly leadRank: number;
  readonly leadIndex: number;
}

/** One slot in one of its epochs, at a member of its group: what it has accepted, and what it proposes. */
export class Slot {
  readonly acceptor: Acceptor;
  /** What is asked of registers at this proposer, where there is something. */
  readonly agendas = new Map<string, Agenda>();
  /** B0, which nobody but the lead uses. */
  readonly firstBallot: Ballot;

  constructor(readonly seat: Seat) {
    this.acceptor = new Acceptor(true);
    this.firstBallot = firstBallotOf(seat.leadIndex);
  }

  get leads(): boolean {
    return this.seat.leadRank === this.seat.ownRank;
  }
}
