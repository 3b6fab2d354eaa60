import { type RequiredPort } from '@jbstore/core';
import { type Address, type Network } from '@jbstore/network/port';

import { type Holdings } from './acceptor';
import { type Figures } from './figures';
import {
  MergePageMessage,
  PageMessage,
  SlotNackMessage,
  SlotPrepareMessage,
  SyncAckMessage,
  SyncMessage,
  SyncNeedMessage,
  packedRecords,
  unpackedChunk,
} from './messages';
import { pageOf, type HeldTag, type Span } from './pages';
import { type Slot } from './slot';
import { type Entry, type Slots } from './slots';
import { noBallot } from './tag';

/** Has `network` ask this process about whole slots: what it held of them, what it votes for, and to hold all (5.5). */
export function serveTransfers(
  network: RequiredPort<typeof Network>,
  slots: Slots,
  synced: (slot: Slot) => void,
  figures: Figures,
): void {
  /** A0 */
  const heard = (slot: number, epoch: number, source: Address): Entry | undefined => {
    const entry = slots.heard(slot, epoch, source);
    if (!entry) figures.outsiders.add();
    return entry;
  };

  network.upon(MergePageMessage, ({ source, phase, slot, epoch, after, until, held }) => {
    const entry = heard(slot, epoch, source);
    if (!entry?.place.previous?.members.includes(slots.self)) return;
    const { former } = entry;
    const page = former ? packedPage(former.holdings, { after, until }, held) : null;
    const ballot = entry.slot?.acceptor.highest ?? noBallot;
    network.next(new PageMessage(source, { phase, page, ballot }));
  });

  network.upon(SlotPrepareMessage, ({ source, phase, slot, epoch, ballot, after, until, held }) => {
    const acceptor = heard(slot, epoch, source)?.slot?.acceptor;
    if (!acceptor) return;
    const granted = acceptor.grantSlot(ballot);
    if (granted) {
      const page = packedPage(granted, { after, until }, held);
      network.next(new PageMessage(source, { phase, page, ballot }));
    } else network.next(new SlotNackMessage(source, { phase, ballot: acceptor.highest }));
  });

  // A5
  network.upon(SyncMessage, (chunk) => {
    const { source, phase, epoch, chunk: place } = chunk;
    const slot = heard(chunk.slot, epoch, source)?.slot;
    if (!slot) return;
    const wasSynced = slot.acceptor.synced;
    const answer = slot.streams.receive(unpackedChunk(chunk), slots.formerOf(slot));
    if (answer.kind === 'need') {
      const { registers } = answer;
      network.next(new SyncNeedMessage(source, { phase, chunk: place, registers }));
    } else if (answer.kind === 'ack') {
      network.next(new SyncAckMessage(source, { phase, chunk: place, synced: answer.synced }));
    } else network.next(new SlotNackMessage(source, { phase, ballot: answer.ballot }));
    if (slot.acceptor.synced && !wasSynced) synced(slot);
  });
}

function packedPage(holdings: Holdings, span: Span, held: readonly HeldTag[]): PageMessage['page'] {
  const { entries, upTo } = pageOf(holdings.accepted, span, held);
  const { synced: complete, generationFloor, versionFloor } = holdings;
  return { entries: packedRecords(entries), upTo, complete, generationFloor, versionFloor };
}
