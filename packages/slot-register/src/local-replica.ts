import { type ProvidedPort } from '@jbstore/core';

import {
  BasesFixed,
  FixBases,
  HeedSlot,
  ListSlot,
  SlotListed,
  SlotTaken,
  TakeSlot,
  type LocalSlots,
} from './local-slots';
import { type Slot } from './slot';
import { type Slots } from './slots';
import { ballotOf, roundOf } from './tag';

/** Has who synchronises the slots of this process read and change them through `local`. */
export function serveLocally(
  local: ProvidedPort<typeof LocalSlots>,
  slots: Slots,
  synced: (slot: Slot) => void,
): void {
  local.upon(FixBases, (request) => {
    const slot = slots.inEpoch(request.slot, request.epoch);
    if (!slot) return;
    const fixed = isUndisturbed(slot);
    if (fixed && !slot.acceptor.synced) {
      fixBases(slot, request);
      synced(slot);
    }
    local.answer(request, new BasesFixed(slot.number, request.epoch, fixed));
  });

  local.upon(ListSlot, (request) => {
    const slot = slots.inEpoch(request.slot, request.epoch);
    if (!slot) return;
    const listing = isUndisturbed(slot) ? listingOf(slot) : undefined;
    local.answer(request, new SlotListed(slot.number, request.epoch, listing));
  });

  local.upon(TakeSlot, (request) => {
    const slot = slots.inEpoch(request.slot, request.epoch);
    if (!slot) return;
    const { acceptor, seat } = slot;
    const ballot = ballotOf(1 + roundOf(acceptor.highest), seat.ownIndex);
    const holdings = acceptor.grantSlot(ballot);
    if (holdings) local.answer(request, new SlotTaken(slot.number, seat.epoch, ballot, holdings));
  });

  local.upon(HeedSlot, ({ slot, epoch, ballot }) => {
    slots.inEpoch(slot, epoch)?.acceptor.heedFloor(ballot);
  });
}

/** Nobody was heard of with a higher ballot than the lead's first: all that is accepted here was accepted with that. */
function isUndisturbed({ acceptor, firstBallot, leads }: Slot): boolean {
  return leads && acceptor.highest <= firstBallot;
}

/** A base that is fixed already, since somebody asked for its register, is never replaced by another. */
function fixBases(slot: Slot, { bases, floors }: FixBases): void {
  const { acceptor, firstBallot, formerTags } = slot;
  for (const { register, record, former } of bases) {
    if (acceptor.accepted.has(register)) continue;
    acceptor.accept(register, firstBallot, 0, record);
    formerTags.set(register, former);
  }
  acceptor.becomeSynced(floors);
}

function listingOf({ acceptor, formerTags }: Slot): SlotListed['listing'] {
  const { generationFloor, versionFloor } = acceptor;
  const records = Array.from(acceptor.accepted, ([register, { count, record }]) => {
    // With a higher count it is another record than that of the epoch before.
    const former = count === 0 ? formerTags.get(register) : undefined;
    return { register, count, record, former };
  });
  return { generationFloor, versionFloor, records };
}
