import {
  NewView,
  SlotSynced,
  epochOf,
  flawOfStep,
  runOf,
  addressOf,
  type Knowledge,
  type View,
} from '@jbstore/gms/port';

import type { Invariant, Step } from './invariant';
import type { SimulatedProcess } from './simulated-process';

/** What all processes together know of views. */
class Views {
  /** By the founder, as a cluster that never came up is another one, and by epoch. */
  readonly #texts = new Map<string, string>();
  readonly #views = new Map<string, View>();
  /** Who is synced in a slot and epoch. */
  readonly #synced = new Map<string, Set<string>>();
  /** What each component has heard of last. */
  readonly #installed = new Map<SimulatedProcess, Map<string, number>>();

  flawOf({ event, process, port }: Step): string | undefined {
    if (event instanceof SlotSynced) this.#sync(process.self, event);
    if (!(event instanceof NewView)) return undefined;
    return this.#flawOfOrder(process, port, event.view) ?? this.#flawOfView(process, event.view);
  }

  #sync(self: string, { slot, epoch }: SlotSynced): void {
    const key = `${String(slot)} ${String(epoch)}`;
    const synced = this.#synced.get(key);
    if (synced) synced.add(self);
    else this.#synced.set(key, new Set([self]));
  }

  #flawOfOrder(process: SimulatedProcess, port: string, view: View): string | undefined {
    const epoch = epochOf(view);
    const ports = this.#installed.get(process) ?? new Map<string, number>();
    this.#installed.set(process, ports);
    const before = ports.get(port) ?? 0;
    ports.set(port, epoch);
    if (epoch > before) return undefined;
    return `${process.self} installs ${String(epoch)} after ${String(before)}`;
  }

  #flawOfView(process: SimulatedProcess, view: View): string | undefined {
    const epoch = keyOf(view, epochOf(view));
    if (this.#views.get(epoch) === view) return undefined;
    const text = JSON.stringify(view);
    const known = this.#texts.get(epoch);
    if (known === text) return undefined;
    if (known !== undefined) return `${process.self} installs ${text}, and others ${known}`;
    this.#texts.set(epoch, text);
    this.#views.set(epoch, view);
    const former = this.#views.get(keyOf(view, epochOf(view) - 1));
    return former && flawOfStep(former, view, this.#knowledgeOf(former));
  }

  /** What is true of the slots, whoever knows it. Of suspicions nothing is true or false. */
  #knowledgeOf(view: View): Knowledge {
    const everybody = new Set(view.members.map(({ index }) => index));
    return {
      settled: (slot) => this.#isSettled(view, slot),
      suspected: new Set(),
      givenUp: everybody,
    };
  }

  #isSettled(view: View, slot: number): boolean {
    const { epoch, group, previous } = runOf(view, slot);
    if (!previous) return true;
    const synced = this.#synced.get(`${String(slot)} ${String(epoch)}`) ?? new Set<string>();
    const there = group.filter((member) => synced.has(addressOf(view, member) ?? ''));
    return 2 * there.length > group.length;
  }
}

function keyOf({ founder }: View, epoch: number): string {
  return `${founder} ${String(epoch)}`;
}

/** I8: a number has one view, and each follows from the one before by the rules V1 to V6, and V8. */
export function agreedViews(): Invariant {
  const views = new Views();
  return {
    name: 'agreed views',
    check(_world, step) {
      const flaw = views.flawOf(step);
      return flaw === undefined ? undefined : `I8: ${flaw}`;
    },
  };
}
