import { type RequiredPort } from '@jbstore/core';
import { type Address, type Network } from '@jbstore/network/port';

import { type Figures } from './figures';
import { partOf } from './former';
import { GlanceMessage, GlancedMessage } from './glance';
import {
  AcceptMessage,
  AcceptedMessage,
  MergeMessage,
  MergeStateMessage,
  NackMessage,
  PrepareMessage,
  PromiseMessage,
  ReadMessage,
  SettleMessage,
  SettledMessage,
  ValueMessage,
  packed,
  packedPart,
  packedValue,
  packedVote,
  unpacked,
} from './messages';
import { type Proposer } from './proposer';
import { type Entry, type Slots } from './slots';
import { isHigher, noBallot } from './tag';

/** Has `network` ask this process as an acceptor of its groups (4.3), and as a proposer for others (R4). */
export function serveMembers(
  network: RequiredPort<typeof Network>,
  slots: Slots,
  proposer: Proposer,
  figures: Figures,
): void {
  /** A0: what this process has to do with the slot of which `source` speaks. */
  const heard = (register: string, epoch: number, source: Address): Entry | undefined => {
    const entry = slots.heard(slots.numberOf(register), epoch, source);
    if (!entry) figures.outsiders.add();
    return entry;
  };

  // A1
  network.upon(PrepareMessage, ({ source, phase, epoch, register, ballot }) => {
    const slot = heard(register, epoch, source)?.slot;
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.promise(register, ballot)) {
      const vote = packedVote(acceptor.vote(register));
      network.next(new PromiseMessage(source, { phase, vote }));
    } else network.next(new NackMessage(source, { phase, ballot: acceptor.promised(register) }));
  });

  // What it held in the epoch before; it may be in that group and not in this one.
  network.upon(MergeMessage, ({ source, phase, epoch, register }) => {
    const entry = heard(register, epoch, source);
    if (!entry?.place.previous?.members.includes(slots.self)) return;
    const part = entry.former ? packedPart(partOf(entry.former, register)) : null;
    const ballot = entry.slot?.acceptor.promised(register) ?? noBallot;
    network.next(new MergeStateMessage(source, { phase, part, ballot }));
  });

  // A2
  network.upon(AcceptMessage, (accept) => {
    const { source, phase, epoch, register, ballot, count } = accept;
    const slot = heard(register, epoch, source)?.slot;
    if (!slot) return;
    const { acceptor } = slot;
    if (acceptor.accept(register, ballot, count, unpacked(accept))) {
      network.next(new AcceptedMessage(source, { phase }));
    } else network.next(new NackMessage(source, { phase, ballot: acceptor.promised(register) }));
  });

  // A3
  network.upon(ReadMessage, ({ source, phase, epoch, register, ballot, count }) => {
    const slot = heard(register, epoch, source)?.slot;
    if (!slot) return;
    const { acceptor } = slot;
    const tag = acceptor.tagOfVote(register) ?? null;
    const isNews = tag !== null && isHigher(tag, { ballot, count });
    const news = isNews ? acceptor.vote(register) : undefined;
    const record = news ? packed(news.record) : null;
    network.next(new ValueMessage(source, { phase, tag, record }));
  });

  // R4
  network.upon(SettleMessage, ({ source, phase, epoch, register }) => {
    const slot = heard(register, epoch, source)?.slot;
    if (!slot) return;
    const chosen = (): void => {
      network.next(new SettledMessage(source, { phase }));
    };
    proposer.settle(slot, register, { asker: `${source} ${phase}`, chosen });
  });
  serveGlances(network, slots, figures);
}

/** A3, for anybody: to say what is voted for changes nothing. */
function serveGlances(network: RequiredPort<typeof Network>, slots: Slots, figures: Figures): void {
  network.upon(GlanceMessage, ({ source, phase, epoch, register, full }) => {
    figures.glances.add();
    const acceptor = slots.inEpoch(slots.numberOf(register), epoch)?.acceptor;
    const vote = full ? acceptor?.vote(register) : undefined;
    network.next(
      new GlancedMessage(source, {
        phase,
        tag: vote ?? acceptor?.tagOfVote(register) ?? null,
        value: vote ? packedValue(vote.record) : null,
        version: vote?.record.version ?? 0,
        era: slots.era,
      }),
    );
  });
}
