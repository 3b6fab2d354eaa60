import { invariant } from '@jbstore/core';

import { type Holdings } from './acceptor';
import { Gathering } from './gathering';
import { MergePageMessage, SlotPrepareMessage } from './messages';
import { selfIn } from './slot';
import { type Transfer } from './transfer';

/**
 * SlotPrepare: a majority is to promise the ballot for the whole slot, and to say what it has accepted.
 *
 * @param own - what this process votes for
 */
export function votes(transfer: Transfer, own: Holdings): Gathering {
  const { slot, seat, ballot } = transfer;
  const { epoch, group } = seat;
  return new Gathering({
    addresses: group.members,
    quorum: group.majority,
    needsComplete: false,
    own: { address: selfIn(seat), holdings: own },
    question: (to, { after, until }, held) => {
      const { phase } = transfer;
      return new SlotPrepareMessage(to, { phase, slot, epoch, after, until, held, ballot });
    },
  });
}

/** Merge, of the whole slot: what was held in the epoch before. */
export function formers(transfer: Transfer): Gathering {
  const { slot, seat, former } = transfer;
  const { epoch, previous } = seat;
  invariant(previous !== undefined, 'what is transferred was held before');
  return new Gathering({
    addresses: previous.members,
    quorum: previous.quorum,
    needsComplete: true,
    own: former && { address: selfIn(seat), holdings: former.holdings },
    question: (to, { after, until }, held) => {
      const { phase } = transfer;
      return new MergePageMessage(to, { phase, slot, epoch, after, until, held });
    },
  });
}
