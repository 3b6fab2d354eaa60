import type { ProvidedPort, RequiredPort } from '@jbstore/core';
import { Trust, type EventualLeaderDetector } from '@jbstore/eld/port';
import type { Address, Network } from '@jbstore/network/port';

import { RefreshDue, Settled, Synced } from './messages';
import { RefreshSlots, SlotSettled, SlotSynced, type Membership } from './port';
import { Reports } from './reports';
import { slotsIn, stretchesOf } from './stretch';
import type { View } from './view';

/**
 * Reports to the leader which slots are synced here, until that says that they are settled; and to a new leader, which
 * knows nothing, all of them again. And which are to be refreshed.
 */
export class Reporting {
  readonly #network: RequiredPort<typeof Network>;
  readonly #reports = new Reports();
  #leader: Address | undefined;
  #hasView = false;

  constructor(
    membership: ProvidedPort<typeof Membership>,
    network: RequiredPort<typeof Network>,
    eld: RequiredPort<typeof EventualLeaderDetector>,
  ) {
    this.#network = network;

    eld.upon(Trust, ({ leader }) => {
      this.#leader = leader;
      this.#reports.begin();
      this.report();
    });

    membership.upon(SlotSynced, ({ slot, epoch }) => {
      this.#reports.synced({ slot, epoch });
    });

    // Who asks does so again, so that nothing is kept of it here.
    membership.upon(RefreshSlots, ({ slots }) => {
      if (this.#leader === undefined) return;
      network.next(new RefreshDue(this.#leader, { stretches: stretchesOf(slots) }));
    });

    network.upon(Settled, ({ source, stretches }) => {
      for (const settled of slotsIn(stretches)) {
        if (source === this.#leader) this.#reports.confirm(settled);
        if (this.#reports.settle(settled)) {
          membership.next(new SlotSettled(settled.slot, settled.epoch));
        }
      }
    });
  }

  /** @param self - this process; undefined if it is not in the view */
  install(view: View, self: number | undefined): void {
    this.#hasView = true;
    this.#reports.install(view, self);
  }

  report(): void {
    const stretches = this.#reports.due();
    if (this.#leader === undefined || !this.#hasView || stretches.length === 0) return;
    this.#network.next(new Synced(this.#leader, { stretches }));
  }
}
