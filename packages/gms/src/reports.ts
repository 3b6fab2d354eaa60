import { stretchesOf, type SlotEpoch, type Stretch } from './stretch';
import { slotStatesOf } from './runs';
import type { View } from './view';

interface Report {
  readonly epoch: number;
  /** This process is synced there. */
  synced: boolean;
  /** It is not in the group, and keeps what it held before until others are synced. */
  readonly keeps: boolean;
  /** Known for good. */
  settled: boolean;
  /** The present leader has said so: it need not be told again. */
  confirmed: boolean;
}

/** What this process has to report of each slot, and what is known to be settled. */
export class Reports {
  #slots: readonly Report[] = [];

  /** @param self - this process; undefined if it is not in the view */
  install(view: View, self: number | undefined): void {
    this.#slots = slotStatesOf(view.runs).map(({ epoch, group, previous }, slot) => {
      const known = this.#slots[slot];
      if (known?.epoch === epoch) return known;
      const begins = previous === undefined;
      const has = (members: readonly number[]): boolean =>
        self !== undefined && members.includes(self);
      const keeps = !has(group) && has(previous?.group ?? []);
      return { epoch, synced: false, keeps, settled: begins, confirmed: begins };
    });
  }

  synced(slot: SlotEpoch): void {
    const report = this.#of(slot);
    if (report) report.synced = true;
  }

  /** Returns true if that is news. */
  settle(slot: SlotEpoch): boolean {
    const report = this.#of(slot);
    if (!report || report.settled) return false;
    report.settled = true;
    return true;
  }

  confirm(slot: SlotEpoch): void {
    const report = this.#of(slot);
    if (report) report.confirmed = true;
  }

  /** There is another leader, who knows nothing yet. */
  begin(): void {
    for (const report of this.#slots) report.confirmed = false;
  }

  /** What the leader is to be told, again and again. */
  due(): Stretch[] {
    const due: SlotEpoch[] = [];
    for (const [slot, { epoch, synced, keeps, settled, confirmed }] of this.#slots.entries()) {
      const asks = keeps && !settled;
      if (asks || (synced && !confirmed)) due.push({ slot, epoch });
    }
    return stretchesOf(due);
  }

  #of({ slot, epoch }: SlotEpoch): Report | undefined {
    const report = this.#slots[slot];
    return report?.epoch === epoch ? report : undefined;
  }
}
