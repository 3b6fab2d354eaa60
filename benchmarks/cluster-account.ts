import { NewView, SlotSettled, epochOf, type View } from '@jbstore/gms/port';
import type { Message } from '@jbstore/network/port';
import type { Observer, Sending, Step } from '@jbstore/simulator';

/** What is counted apart. */
export type Phase = 'boot' | 'quiet' | 'puts' | 'gets' | 'replacement';

/** Messages, and their bytes as they go over the wire. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/** What carries the records of a slot to its new group, and agrees on them. */
const transfers: ReadonlySet<string> = new Set(
  [
    ...['SlotPrepare', 'SlotNack', 'MergePage', 'Page', 'Merge', 'MergeState'],
    ...['Sync', 'SyncNeed', 'SyncAck', 'SyncDone'],
  ].map((name) => `slot-register/${name}`),
);

type Kind = 'heartbeats' | 'transfer' | 'views' | 'other';

const ignore = (): void => undefined;

/** Counts what a simulated cluster sends, and notes when it has which view, and when slots are settled. */
export class ClusterAccount implements Observer {
  /** The views in their order, each with the moment when the first node had it. */
  readonly views: { readonly view: View; readonly atMs: number }[] = [];
  readonly #traffic = new Map<string, { messages: number; bytes: number }>();
  /** When it was first known that a slot is settled in an epoch. */
  readonly #settledMs = new Map<string, number>();
  readonly #phaseAt: (atMs: number) => Phase;

  constructor(phaseAt: (atMs: number) => Phase) {
    this.#phaseAt = phaseAt;
  }

  /** What was sent of this kind in this phase. */
  trafficOf(phase: Phase, kind: Kind): Traffic {
    return this.#traffic.get(`${phase} ${kind}`) ?? { messages: 0, bytes: 0 };
  }

  sent({ message, atMs }: Sending, bytes: number): void {
    const key = `${this.#phaseAt(atMs)} ${kindOf(message)}`;
    let traffic = this.#traffic.get(key);
    if (!traffic) this.#traffic.set(key, (traffic = { messages: 0, bytes: 0 }));
    traffic.messages += 1;
    traffic.bytes += bytes;
  }

  handled({ event, atMs }: Step): void {
    if (event instanceof NewView) this.#hear(event.view, atMs);
    if (!(event instanceof SlotSettled)) return;
    const key = `${event.slot} ${event.epoch}`;
    if (!this.#settledMs.has(key)) this.#settledMs.set(key, atMs);
  }

  #hear(view: View, atMs: number): void {
    const last = this.views.at(-1);
    if (!last || epochOf(view) > epochOf(last.view)) this.views.push({ view, atMs });
  }

  /**
   * Of the last view: how many slots have moved since the first one, and when the last of them was known to be
   * settled; undefined if one is not.
   */
  get moved(): { readonly slots: number; readonly settledMs: number | undefined } {
    const runs = this.views.at(-1)?.view.runs ?? [];
    let slot = 0;
    let slots = 0;
    let settledMs: number | undefined = 0;
    for (const { slots: length, epoch, previous } of runs) {
      for (const end = slot + length; slot < end; slot += 1) {
        if (!previous) continue;
        slots += 1;
        const atMs = this.#settledMs.get(`${slot} ${epoch}`);
        settledMs =
          atMs === undefined || settledMs === undefined ? undefined : Math.max(settledMs, atMs);
      }
    }
    return { slots, settledMs };
  }

  // Of no interest here:
  readonly watch = ignore;
  readonly begins = ignore;
  readonly ends = ignore;
  readonly arrived = ignore;
  readonly asked = ignore;
  readonly answered = ignore;
}

function kindOf({ declaration: { type } }: Message): Kind {
  if (type.startsWith('epfd/')) return 'heartbeats';
  if (transfers.has(type)) return 'transfer';
  return type.startsWith('gms/') || type.startsWith('consensus/') ? 'views' : 'other';
}
