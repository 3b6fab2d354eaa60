import { type RequiredPort } from '@jbstore/core';
import { type Address, type Network } from '@jbstore/network/port';

import { type Figures } from './figures';
import {
  AcceptMessage,
  AcceptedMessage,
  NackMessage,
  PrepareMessage,
  PromiseMessage,
  ReadMessage,
  SettleMessage,
  SettledMessage,
  ValueMessage,
  packed,
  packedVote,
  unpacked,
} from './messages';
import { type Proposer } from './proposer';
import { type Slot } from './slot';
import { type Slots } from './slots';
import { isHigher } from './tag';

/** Has `network` ask this process as an acceptor of its groups (4.3), and as a proposer for others (R4). */
export function serveMembers(
  network: RequiredPort<typeof Network>,
  slots: Slots,
  proposer: Proposer,
  figures: Figures,
): void {
  /** A0: the slot of which `source` speaks, if both are in its group, and in the same epoch of it. */
  const serving = (register: string, epoch: number, source: Address): Slot | undefined => {
    const slot = slots.at(register);
    if (slot?.seat.epoch === epoch && slot.seat.group.rankOf(source) !== undefined) return slot;
    figures.outsiders.add();
    return undefined;
  };

  // A1
  network.upon(PrepareMessage, ({ source, phase, epoch, register, ballot }) => {
    const slot = serving(register, epoch, source);
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.promise(register, ballot)) {
      const vote = packedVote(acceptor.vote(register));
      network.next(new PromiseMessage(source, { phase, vote }));
    } else network.next(new NackMessage(source, { phase, ballot: acceptor.promised(register) }));
  });

  // A2
  network.upon(AcceptMessage, (accept) => {
    const { source, phase, epoch, register, ballot, count } = accept;
    const slot = serving(register, epoch, source);
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.accept(register, ballot, count, unpacked(accept))) {
      network.next(new AcceptedMessage(source, { phase }));
    } else network.next(new NackMessage(source, { phase, ballot: acceptor.promised(register) }));
  });

  // A3
  network.upon(ReadMessage, ({ source, phase, epoch, register, ballot, count }) => {
    const slot = serving(register, epoch, source);
    if (!slot) return;
    const vote = slot.acceptor.vote(register);
    const tag = vote ? { ballot: vote.ballot, count: vote.count } : null;
    const isNews = vote !== undefined && isHigher(vote, { ballot, count });
    const record = isNews ? packed(vote.record) : null;
    network.next(new ValueMessage(source, { phase, tag, record }));
  });

  // R4
  network.upon(SettleMessage, ({ source, phase, epoch, register }) => {
    const slot = serving(register, epoch, source);
    if (!slot) return;
    const chosen = (): void => {
      network.next(new SettledMessage(source, { phase }));
    };
    proposer.settle(slot, register, { asker: `${source} ${phase}`, chosen });
  });
}
