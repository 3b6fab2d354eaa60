import { Random } from '@jbstore/core';
import { firstView, type Knowledge, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import fc from 'fast-check';

import { nextView, refusalOfChange, type Change, type Pace } from '../src';
import { evenTokens, ringTokens, targetGroups } from '../src/placement';
import { runsOf, slotStatesOf, type SlotState } from '../src/runs';

/** The process that is the `number`-th ever. */
export function processAt(number: number): Address {
  return Address.parse(`p${number}@127.0.0.1:${10_000 + number}`);
}

/** A first view with so few slots that many histories can be tried. */
export function smallView(nodes: number, replication: number, tokensPerMember = 0): View {
  const addresses = Array.from({ length: nodes }, (_, place) => processAt(place + 1));
  const view = firstView({ clusterId: 'test', replication, register: 'multi-writer' }, addresses);
  const indices = view.members.map(({ index }) => index);
  const slotCount = 32;
  const tokens =
    tokensPerMember === 0
      ? evenTokens(indices, slotCount)
      : ringTokens(indices, tokensPerMember, slotCount, new Random(String(nodes)));
  const groups = targetGroups(tokens, replication, slotCount);
  const runs = runsOf(groups.map((group) => ({ epoch: 1, group, lead: group[0] ?? 0 })));
  return { ...view, slotCount, tokens, runs };
}

/** The state of each slot. */
export function slotsOf({ runs }: View): SlotState[] {
  return slotStatesOf(runs);
}

/** What there would be if all groups were where the tokens want them. */
export function targetsOf({ tokens, replication, slotCount }: View): (readonly number[])[] {
  return targetGroups(tokens, replication, slotCount);
}

export const everything: Knowledge = {
  settled: () => true,
  suspected: new Set(),
  givenUp: new Set(),
};

export const quick: Pace = { mostMoving: 65_536 };

/** The views that follow one another as long as there is something to do, all that moves being settled at once. */
export function converged(view: View, changes: readonly Change[] = [], pace = quick): View[] {
  const views = [view];
  let next = nextView(view, changes, everything, pace);
  while (next && views.length < 1_000) {
    views.push(next);
    next = nextView(next, [], everything, pace);
  }
  return views;
}

/** How many copies of slots come to members in the steps of `views`, by member. */
export function arrivalsIn(views: readonly View[]): Map<number, number> {
  const arrivals = new Map<number, number>();
  for (const [place, view] of views.slice(1).entries()) {
    const before = slotsOf(views[place] ?? view);
    for (const [slot, { group }] of slotsOf(view).entries()) {
      const newcomers = group.filter((member) => !before[slot]?.group.includes(member));
      for (const member of newcomers) arrivals.set(member, (arrivals.get(member) ?? 0) + 1);
    }
  }
  return arrivals;
}

/** One thing that happens, as numbers that are read modulo what there is. */
export interface Happening {
  readonly kind:
    | 'join'
    | 'replace'
    | 'leave'
    | 'suspect'
    | 'restore'
    | 'give up'
    | 'settle'
    | 'settle all'
    | 'step';
  readonly which: number;
  readonly other: number;
}

export const happenings = fc.array(
  fc.record<Happening>({
    kind: fc.constantFrom(
      ...(['join', 'replace', 'leave', 'suspect', 'restore', 'give up'] as const),
      ...(['settle', 'settle all', 'step', 'step', 'step'] as const),
    ),
    which: fc.nat(1_000),
    other: fc.nat(1_000),
  }),
  { minLength: 5, maxLength: 60 },
);

export const startingViews = fc
  .record({ nodes: fc.integer({ min: 1, max: 8 }), delta: fc.integer({ min: 1, max: 5 }) })
  .chain(({ nodes, delta }) =>
    fc.nat(2).map((perMember) => smallView(nodes, Math.min(nodes, delta), perMember)),
  );

/** A cluster to which things happen, whose leader plans. */
export class History {
  readonly suspected = new Set<number>();
  readonly givenUp = new Set<number>();
  readonly #settled = new Map<number, number>();
  #view: View;
  #changes: Change[] = [];

  constructor(view: View) {
    this.#view = view;
  }

  get view(): View {
    return this.#view;
  }

  /** Slots that were never given to others are settled from the beginning. */
  get knowledge(): Knowledge {
    const slots = slotsOf(this.#view);
    return {
      settled: (slot) => {
        const { epoch, previous } = slots[slot] ?? {};
        return !previous || this.#settled.get(slot) === epoch;
      },
      suspected: this.suspected,
      givenUp: this.givenUp,
    };
  }

  /** Returns the view before and after if this makes a new one. */
  happen({ kind, which, other }: Happening): readonly [View, View] | undefined {
    const { members } = this.#view;
    const member = members[which % members.length]?.index ?? 0;
    const heir = members[other % members.length]?.index ?? 0;
    const address = processAt(this.#view.nextIndex);
    switch (kind) {
      case 'join':
        this.#ask({ kind: 'join', address, tokens: other % 4 });
        return undefined;
      case 'replace':
        this.#ask({ kind: 'replace', member, by: address });
        return undefined;
      case 'leave':
        this.#ask({ kind: 'leave', member, ...(other % 2 === 0 ? { heir } : {}) });
        return undefined;
      case 'suspect':
        this.suspected.add(member);
        return undefined;
      case 'restore':
        this.suspected.delete(member);
        this.givenUp.delete(member);
        return undefined;
      case 'give up':
        if (this.suspected.has(member)) this.givenUp.add(member);
        return undefined;
      case 'settle':
        this.#settle(which % this.#view.slotCount);
        return undefined;
      case 'settle all':
        for (let slot = 0; slot < this.#view.slotCount; slot += 1) this.#settle(slot);
        return undefined;
      case 'step':
        return this.#step(1 + (which % 40), new Set([other % this.#view.slotCount]));
    }
  }

  #ask(change: Change): void {
    const [pending] = this.#changes;
    if (!pending && refusalOfChange(this.#view, change) === undefined) this.#changes = [change];
  }

  #settle(slot: number): void {
    const { epoch } = slotsOf(this.#view)[slot] ?? {};
    if (epoch !== undefined) this.#settled.set(slot, epoch);
  }

  #step(mostMoving: number, refresh: ReadonlySet<number>): readonly [View, View] | undefined {
    const before = this.#view;
    const after = nextView(before, this.#changes, this.knowledge, { mostMoving, refresh });
    if (!after) return undefined;
    this.#changes = [];
    this.#view = after;
    return [before, after];
  }
}
