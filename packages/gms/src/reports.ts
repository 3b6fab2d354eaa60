import { stretchesOf, type SlotEpoch, type Stretch } from './stretch';
import { slotStatesOf } from './runs';
import type { View } from './view';

interface Report {
  readonly epoch: number;
  /** This process is synced there. */
  synced: boolean;
  /** Known for good. */
  settled: boolean;
  /** The present leader has said so: it need not be told again. */
  confirmed: boolean;
}

/** What this process has to report of each slot, and what is known to be settled. */
export class Reports {
  #slots: readonly Report[] = [];

  install(view: View): void {
    this.#slots = slotStatesOf(view.runs).map(({ epoch, previous }, slot) => {
      const known = this.#slots[slot];
      if (known?.epoch === epoch) return known;
      const begins = previous === undefined;
      return { epoch, synced: false, settled: begins, confirmed: begins };
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
    for (const [slot, { epoch, synced, confirmed }] of this.#slots.entries()) {
      if (synced && !confirmed) due.push({ slot, epoch });
    }
    return stretchesOf(due);
  }

  #of({ slot, epoch }: SlotEpoch): Report | undefined {
    const report = this.#slots[slot];
    return report?.epoch === epoch ? report : undefined;
  }
}
