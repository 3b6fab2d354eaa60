import type { View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import fc from 'fast-check';

import { flawOfView } from '../src/view-flaws';
import { forcedView, lossesOf } from '../src/force';
import { membersAt, refusalOfForce, type Survivor } from '../src/force-refusals';
import { instanceAfter } from '../src/instances';
import { hasStrayed, isSameLine } from '../src/line';
import { canBeMerged } from '../src/slot-step';
import { epochOf } from '../src/view-fields';
import {
  converged,
  happenings,
  History,
  slotsOf,
  smallView,
  startingViews,
  targetsOf,
} from './planning';

const all = (): boolean => true;
const none = (): boolean => false;
const set = (...members: number[]): ReadonlySet<number> => new Set(members);

/** `view`, in which one slot is something else. */
function withSlot(view: View, change: Partial<View['runs'][number]>): View {
  const [run, ...others] = view.runs;
  if (!run) throw new Error('a view has runs');
  return { ...view, runs: [{ ...run, ...change }, ...others] };
}

describe('what is lost with members', () => {
  // Groups: 123, 234, 345, 451, 512.
  const view = smallView(5, 3);

  test('are the slots of which a majority is, and the council if a majority of that is', () => {
    const two = lossesOf(view, set(2, 3), all);
    const three = lossesOf(view, set(2, 3, 4), all);

    const groupsOf = (slots: readonly number[]): Set<string> =>
      new Set(slots.map((slot) => String(slotsOf(view)[slot]?.group)));
    expect(two).toMatchObject({ council: false, gone: [] });
    expect(groupsOf(two.forced)).toEqual(new Set(['1,2,3', '2,3,4']));
    expect(three.council).toBe(true);
    expect(groupsOf(three.forced)).toEqual(new Set(['1,2,3', '3,4,5']));
    expect(groupsOf(three.gone)).toEqual(new Set(['2,3,4']));
  });

  test('are those too whose previous group has lost one, as long as it is needed', () => {
    const moved = withSlot(view, { epoch: 2, previous: { epoch: 1, group: [4, 5, 3] } });

    expect(lossesOf(moved, set(4, 5), none).forced).toContain(0);
    expect(lossesOf(moved, set(4, 5), all).forced).not.toContain(0);
    // Who is listed no more is lost as well.
    expect(
      lossesOf({ ...moved, members: moved.members.slice(0, 3) }, set(), none).forced,
    ).toContain(0);
  });

  test('are those whose survivors were named once, as soon as one of them is', () => {
    const forced = withSlot(view, {
      epoch: 2,
      previous: { epoch: 1, group: [3, 4, 5], forced: true },
    });

    expect(lossesOf(forced, set(5), none).forced).toContain(0);
    expect(lossesOf(forced, set(5), all).forced).not.toContain(0);
  });
});

describe('a forced view', () => {
  const view = smallView(5, 3);
  const lost = set(2, 3, 4);
  const after = forcedView(view, lost, all, 'f');
  const slots = slotsOf(after);

  test('begins an era, and says from where', () => {
    expect(after).toMatchObject({ era: 1, number: 2, forces: [{ id: 'f', after: 1 }] });
    expect(flawOfView(after)).toBeUndefined();
  });

  test('forces the slots that have lost a majority, with all that survive, and leaves the others', () => {
    for (const [slot, before] of slotsOf(view).entries()) {
      const alive = before.group.filter((member) => !lost.has(member));
      const state = slots[slot];
      if (alive.length >= 2) expect(state).toEqual(before);
      else if (alive.length === 0) expect(state).toMatchObject({ epoch: epochOf(after) });
      else {
        const previous = { epoch: 1, group: alive, forced: true };
        expect(state).toMatchObject({
          epoch: epochOf(after),
          group: targetsOf(after)[slot],
          previous,
        });
        expect(state?.lead).toBe(alive[0]);
      }
    }
    expect(slots.some(({ epoch, previous }) => epoch !== 1 && !previous)).toBe(true);
  });

  test('has a council of survivors, and none of the lost but where a slot goes on without them', () => {
    expect(after.council).toEqual([1]);
    expect(after.members.map(({ index, state }) => [index, state])).toEqual([
      [1, 'active'],
      [2, 'leaving'],
      [4, 'leaving'],
      [5, 'active'],
    ]);
    const last = converged(after).at(-1);
    expect(last?.members.map(({ index }) => index)).toEqual([1, 5]);
    expect(last?.forces).toEqual(after.forces);
  });

  test('names who holds what the epoch before left, as long as the slot is not settled', () => {
    const moved = withSlot(view, { epoch: 2, previous: { epoch: 1, group: [1, 2, 5] } });

    const [first] = slotsOf(forcedView({ ...moved, number: 2 }, lost, none, 'f'));

    expect(first?.previous).toEqual({ epoch: 2, group: [1, 5], forced: true });
    expect(
      slotsOf(forcedView({ ...moved, number: 2 }, lost, all, 'f'))[0]?.previous?.group,
    ).toEqual([1]);
  });

  test('gives the tokens of the lost to spares', () => {
    const { tokens, ...rest } = smallView(4, 2);
    const spare = { ...rest, tokens: tokens.filter(({ member }) => member !== 4) };

    const { tokens: after } = forcedView(spare, set(1, 2), all, 'f');

    expect(after.map(({ member }) => member)).toEqual([4, 3]);
  });

  test('is well formed whatever was there before, and can serve all its slots', () => {
    fc.assert(
      fc.property(startingViews, happenings, fc.nat(), (begun, happened, seed) => {
        const history = new History(begun);
        for (const happening of happened) history.happen(happening);
        const { view: before, knowledge } = history;
        const dead = new Set(
          before.members
            .filter(({ index }) => ((seed >> (index % 16)) & 1) === 1)
            .map(({ index }) => index),
        );
        if (before.members.every(({ index, state }) => dead.has(index) || state !== 'active')) {
          return;
        }

        const next = forcedView(before, dead, knowledge.settled, 'f');

        expect(flawOfView(next)).toBeUndefined();
        expect(next.council.some((member) => dead.has(member))).toBe(false);
        const isSettled = (slot: number): boolean =>
          slotsOf(next)[slot]?.epoch !== epochOf(next) && knowledge.settled(slot);
        expect(lossesOf(next, dead, isSettled)).toEqual({ council: false, forced: [], gone: [] });
        const targets = targetsOf(next);
        for (const [slot, { epoch, group, previous }] of slotsOf(next).entries()) {
          if (epoch !== epochOf(next)) continue;
          expect(group).toEqual(targets[slot]);
          expect(!previous || canBeMerged(previous, dead)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a force is refused', () => {
  const view = smallView(5, 3);
  const lost = set(2, 3);
  const knows = (...suspected: number[]): Survivor => {
    return { epoch: 1, suspected: new Set(suspected), settled: [] };
  };
  const survivors = new Map([1, 4, 5].map((member) => [member, knows(2, 3)]));
  const may = { beginEmpty: false };
  const losses = lossesOf(view, lost, all);

  test('unless it is needed, and nobody knows better', () => {
    expect(refusalOfForce(view, lost, survivors, losses, may)).toBeUndefined();
  });

  test('if somebody who watches one of the lost does not suspect it', () => {
    const others = new Map([...survivors, [5, knows(2)]]);

    expect(refusalOfForce(view, lost, others, losses, may)).toContain('10003 is alive as far as');
  });

  test('if nothing has lost its majority', () => {
    const one = new Map([1, 3, 4, 5].map((member) => [member, knows(2)]));

    const text = refusalOfForce(view, set(2), one, lossesOf(view, set(2), all), may);

    expect(text).toContain('can go on by itself');
  });

  test('if slots would begin empty, and nobody said that they may', () => {
    const three = set(2, 3, 4);
    const two = new Map([1, 5].map((member) => [member, knows(2, 3, 4)]));
    const most = lossesOf(view, three, all);

    expect(refusalOfForce(view, three, two, most, may)).toContain('begin empty');
    expect(refusalOfForce(view, three, two, most, { beginEmpty: true })).toBeUndefined();
  });
});

test('of two processes that listened at one place the one is given up that is suspected', () => {
  const view = smallView(3, 3);
  const [first, ...others] = view.members;
  if (!first) throw new Error('a view has members');
  const at = first.address.slice(first.address.indexOf('@') + 1);
  const newcomer = { ...first, index: 4, address: Address.parse(`q@${at}`) };
  const both = { ...view, members: [{ ...first, state: 'leaving' as const }, ...others, newcomer] };

  expect(membersAt(both, [at], set(1))).toEqual(set(1));
  expect(membersAt(both, [at], set())).toEqual(set(1, 4));
});

describe('lines of eras', () => {
  const [f, g, h] = [
    { id: 'f', after: 4 },
    { id: 'g', after: 4 },
    { id: 'h', after: 2 ** 32 + 9 },
  ];

  test('are the same as far as the same forces began them', () => {
    expect(isSameLine({ forces: [] }, { forces: [f] })).toBe(true);
    expect(isSameLine({ forces: [f, h] }, { forces: [f] })).toBe(true);
    expect(isSameLine({ forces: [g] }, { forces: [f, h] })).toBe(false);
  });

  test('have instances of consensus that rise with the eras, so that none is of two views', () => {
    const view = smallView(3, 3);
    const last = { ...view, number: 2 ** 32 - 2 };
    const next = { ...view, era: 1, number: 2, forces: [f] };

    expect(instanceAfter(last)).toBeLessThan(instanceAfter(next));
  });

  test('are strayed from by who goes on in an era beyond where the next one begins', () => {
    const view = smallView(3, 3);
    const later = { ...view, era: 2, number: 11, forces: [f, h] };

    expect(hasStrayed({ ...view, number: 4 }, later)).toBe(false);
    expect(hasStrayed({ ...view, number: 5 }, later)).toBe(true);
    expect(hasStrayed({ ...view, era: 1, number: 9, forces: [f] }, later)).toBe(false);
    expect(hasStrayed({ ...view, era: 1, number: 10, forces: [f] }, later)).toBe(true);
    expect(hasStrayed(later, { ...later, number: 12 })).toBe(false);
  });
});
