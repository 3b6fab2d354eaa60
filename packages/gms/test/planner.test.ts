import { InvariantViolation, Random } from '@jbstore/core';
import { View, firstView, flawOfStep, loadOf } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import fc from 'fast-check';

import { nextView, refusalOfChange, sparesOf, type Change } from '../src';
import { councilOf } from '../src/council';
import { slotCountFor } from '../src/placement';
import type { SlotState } from '../src/runs';
import { nextGroup } from '../src/slot-step';
import {
  History,
  arrivalsIn,
  converged,
  everything,
  happenings,
  processAt,
  quick,
  slotsOf,
  smallView,
  startingViews,
  targetsOf,
} from './planning';

describe('whatever happens', () => {
  test('each view is well formed and follows the one before by the rules V1 to V8', () => {
    fc.assert(
      fc.property(startingViews, happenings, (first, all) => {
        const history = new History(first);
        for (const happening of all) {
          const { knowledge } = history;
          const step = history.happen(happening);
          if (!step) continue;

          expect(View.safeParse(step[1]).error?.message).toBeUndefined();
          expect(flawOfStep(step[0], step[1], knowledge)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  test('no more slots move at once than may, those apart that are stuck', () => {
    fc.assert(
      fc.property(startingViews, happenings, (first, all) => {
        const history = new History(first);
        for (const happening of all) {
          const { suspected, settled } = history.knowledge;
          const step = history.happen(happening);
          if (!step) continue;

          const [before, after] = step;
          const isAble = (group: readonly number[]): boolean =>
            2 * group.filter((member) => !suspected.has(member)).length > group.length;
          const slots = slotsOf(before);
          const moving = slots.filter(
            ({ group, previous }, slot) =>
              !settled(slot) && isAble(group) && isAble(previous?.group ?? group),
          );
          const changed = slotsOf(after).filter(({ epoch }, slot) => epoch !== slots[slot]?.epoch);
          const mostMoving = 1 + (happening.which % 40);
          if (changed.length > 0) {
            expect(moving.length + changed.length).toBeLessThanOrEqual(mostMoving);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('once all are there and settled, the groups are soon where the tokens want them', () => {
    fc.assert(
      fc.property(
        startingViews,
        happenings,
        fc.integer({ min: 1, max: 40 }),
        (first, all, pace) => {
          const history = new History(first);
          for (const happening of all) history.happen(happening);

          const views = converged(history.view, [], { mostMoving: pace });
          const last = views.at(-1) ?? first;

          const { slotCount, replication } = last;
          const perSlot = replication / Math.max(1, Math.floor((replication - 1) / 2)) + 2;
          expect(views.length).toBeLessThan(Math.ceil(slotCount / pace) * perSlot + 3);
          const targets = targetsOf(last);
          for (const [slot, { group, lead }] of slotsOf(last).entries()) {
            expect(new Set(group)).toEqual(new Set(targets[slot]));
            expect(lead).toBe(targets[slot]?.[0]);
          }
          expect(last.members.filter(({ state }) => state !== 'active')).toStrictEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('one of three or more that is dead leaves nothing behind', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 3, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(2),
      fc.nat(),
    );
    fc.assert(
      fc.property(sizes, ([delta, more, perMember, which]) => {
        const nodes = delta + more;
        const dead = (which % nodes) + 1;
        const knowledge = { ...everything, suspected: new Set([dead]), givenUp: new Set([dead]) };
        const leave = [{ kind: 'leave', member: dead }] as const;

        let view = nextView(smallView(nodes, delta, perMember), leave, knowledge, quick);
        for (let step = 0; view && step < delta + 2; step += 1) {
          view = nextView(view, [], knowledge, quick) ?? view;
        }

        expect(view?.members).toHaveLength(nodes - 1);
        for (const { group } of view?.runs ?? []) expect(group).toHaveLength(delta);
        expect(view && nextView(view, [], knowledge, quick)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

test('an era that has no number left has no further view', () => {
  const view = smallView(3, 2, 1);
  const leave = [{ kind: 'leave', member: 1 }] as const;

  expect(nextView(view, leave, everything, quick)).toBeDefined();
  expect(nextView({ ...view, number: 2 ** 32 - 1 }, leave, everything, quick)).toBeUndefined();
});

describe('what moves', () => {
  const rings = fc.record({
    nodes: fc.integer({ min: 4, max: 12 }),
    replication: fc.integer({ min: 1, max: 3 }),
    tokensPerMember: fc.constantFrom(0, 1, 4, 16),
    seed: fc.string(),
  });
  interface Ring {
    readonly nodes: number;
    readonly replication: number;
    readonly tokensPerMember: number;
    readonly seed: string;
  }
  const viewOf = ({ nodes, replication, tokensPerMember, seed }: Ring): View => {
    const addresses = Array.from({ length: nodes }, (_, place) => processAt(place + 1));
    const settings = { clusterId: 'test', replication, register: 'multi-writer' } as const;
    const ring = { tokensPerMember, random: new Random(seed) };
    return firstView(settings, addresses, tokensPerMember === 0 ? undefined : ring);
  };

  test('when a member is replaced: what it held, and only to its successor', () => {
    fc.assert(
      fc.property(rings, fc.nat(), (ring, which) => {
        const view = viewOf(ring);
        const member = (which % ring.nodes) + 1;

        const views = converged(view, [{ kind: 'replace', member, by: processAt(100) }]);

        const { holds } = loadOf(view, member);
        expect([...arrivalsIn(views)]).toStrictEqual([[view.nextIndex, holds]]);
      }),
      { numRuns: 50 },
    );
  });

  test('when a member leaves: what it held', () => {
    fc.assert(
      fc.property(rings, fc.nat(), (ring, which) => {
        const view = viewOf(ring);
        const member = (which % ring.nodes) + 1;

        const arrivals = arrivalsIn(converged(view, [{ kind: 'leave', member }]));

        const moved = [...arrivals.values()].reduce((sum, slots) => sum + slots, 0);
        expect(moved).toBe(loadOf(view, member).holds);
      }),
      { numRuns: 50 },
    );
  });

  test('when a member joins: about the N + 1st part of all copies, and only to it', () => {
    const parts: number[] = [];
    fc.assert(
      fc.property(rings, (ring) => {
        const view = viewOf(ring);

        const views = converged(view, [{ kind: 'join', address: processAt(100) }]);

        const arrivals = arrivalsIn(views);
        const { holds, leads } = loadOf(views.at(-1) ?? view, view.nextIndex);
        expect([...arrivals]).toStrictEqual([[view.nextIndex, holds]]);
        const even = view.slotCount / (ring.nodes + 1);
        expect(leads / even).toBeLessThan(1.5);
        parts.push(holds / (even * ring.replication));
      }),
      { numRuns: 100 },
    );
    const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
    expect(mean).toBeGreaterThan(0.8);
    expect(mean).toBeLessThan(1.3);
  });

  test('a ring that has grown is as well balanced as one that was drawn', () => {
    const grown = [4, 5, 6, 7, 8, 9, 10, 11].reduce(
      (view, node) => converged(view, [{ kind: 'join', address: processAt(node) }]).at(-1) ?? view,
      viewOf({ nodes: 3, replication: 3, tokensPerMember: 16, seed: 'a' }),
    );

    const even = grown.slotCount / grown.members.length;
    for (const { index } of grown.members) {
      const { leads, holds } = loadOf(grown, index);
      expect(leads / even).toBeGreaterThan(0.6);
      expect(leads / even).toBeLessThan(1.4);
      expect(holds / (3 * even)).toBeGreaterThan(0.6);
      expect(holds / (3 * even)).toBeLessThan(1.4);
    }
  });

  test('there is room for tokens of those who join later', () => {
    for (const tokens of [1, 64, 256, 257, 1024]) {
      expect(slotCountFor(tokens) / tokens).toBeGreaterThanOrEqual(4);
    }
  });
});

/** Where the groups of `view` are not those of `before`. */
function changedSlots(before: View, after: View | undefined): number[] {
  const former = slotsOf(before);
  return after ? placesOf(slotsOf(after), ({ epoch }, slot) => epoch !== former[slot]?.epoch) : [];
}

function placesOf<T>(
  items: readonly T[],
  condition: (item: T, place: number) => boolean,
): number[] {
  return items.flatMap((item, place) => (condition(item, place) ? [place] : []));
}

function stateOf(view: View | undefined, member: number): string {
  return view?.members.find(({ index }) => index === member)?.state ?? 'gone';
}

describe('a member that is dead', () => {
  const dead = { suspected: new Set([2]), givenUp: new Set([2]) };

  test('loses its groups, is evicted, and gone when nothing of it can be needed', () => {
    const view = smallView(5, 3);
    const knowledge = { ...everything, ...dead };

    const drained = nextView(view, [{ kind: 'leave', member: 2 }], knowledge, quick);
    const moved = changedSlots(view, drained);
    const settled = (slot: number): boolean => !moved.includes(slot);
    const waiting = drained && nextView(drained, [], { ...knowledge, settled }, quick);
    const after = drained && nextView(drained, [], knowledge, quick);

    expect(moved).toStrictEqual(placesOf(slotsOf(view), ({ group }) => group.includes(2)));
    expect(stateOf(drained, 2)).toBe('evicted');
    expect(waiting).toBeUndefined();
    expect(stateOf(after, 2)).toBe('gone');
  });

  test('stays, if it is not given up, until nothing of it can be needed', () => {
    const view = smallView(5, 3);
    const suspected = { ...everything, suspected: dead.suspected };

    const drained = nextView(view, [{ kind: 'leave', member: 2 }], suspected, quick);
    const after = drained && nextView(drained, [], suspected, quick);

    expect(stateOf(drained, 2)).toBe('leaving');
    expect(stateOf(after, 2)).toBe('gone');
  });

  test('is evicted as soon as it is given up, if no group has to move for that', () => {
    const view = smallView(5, 3);
    const drained = nextView(view, [{ kind: 'leave', member: 2 }], everything, quick) ?? view;
    const moved = changedSlots(view, drained);
    const settled = (slot: number): boolean => !moved.includes(slot);

    const after = nextView(drained, [], { settled, ...dead }, quick);

    expect(stateOf(drained, 2)).toBe('leaving');
    expect(stateOf(after, 2)).toBe('evicted');
  });

  test('is not evicted while it is one of the last that have what was there', () => {
    const view = smallView(5, 3);
    const drained = nextView(view, [{ kind: 'leave', member: 2 }], everything, quick);
    const moved = changedSlots(view, drained);
    const settled = (slot: number): boolean => !moved.includes(slot);
    const another = { settled, suspected: new Set([2, 3]), givenUp: new Set([2]) };

    expect(stateOf(drained, 2)).toBe('leaving');
    expect(drained && nextView(drained, [], another, quick)).toBeUndefined();
  });

  test('gives way first, whatever else is to move', () => {
    const view = smallView(5, 3);
    const knowledge = { ...everything, ...dead };
    const changes = [
      { kind: 'leave', member: 2 },
      { kind: 'leave', member: 4 },
    ] as const;

    const after = nextView(view, changes, knowledge, { mostMoving: 19 });

    const held = placesOf(slotsOf(view), ({ group }) => group.includes(2));
    expect(changedSlots(view, after)).toStrictEqual(held.slice(0, 19));
  });

  test.each([
    ['the group', (slot: SlotState) => slot.group],
    ['the previous group', (slot: SlotState) => slot.previous?.group ?? []],
  ])('does not hold up others when most of %s are', (_, lostOf) => {
    const view = smallView(8, 3);
    const joins = [{ kind: 'join', address: processAt(20) }] as const;
    const join = nextView(view, joins, everything, quick) ?? view;
    const moved = changedSlots(view, join);
    const slots = slotsOf(join);
    const [first] = slots.filter((_state, slot) => moved.includes(slot));
    // Of both groups all but one are the same: with that one and another the one group is lost.
    const both = first?.group.filter((member) => first.previous?.group.includes(member)) ?? [];
    const own = first ? lostOf(first).filter((member) => !both.includes(member)) : [];
    const suspected = new Set([...own, ...both.slice(0, 1)]);
    const isStuck = (group: readonly number[]): boolean =>
      group.filter((member) => suspected.has(member)).length > 1;
    const stuck = moved.filter((slot) => {
      const { group = [], previous } = slots[slot] ?? {};
      return isStuck(group) || isStuck(previous?.group ?? []);
    });
    const whole = slots.findIndex(
      ({ group, previous }) => !previous && !group.some((member) => suspected.has(member)),
    );
    const settled = (slot: number): boolean => !moved.includes(slot);
    const knowledge = { settled, suspected, givenUp: new Set<number>() };

    const mostMoving = moved.length - stuck.length + 1;
    const after = nextView(join, [], knowledge, { mostMoving, refresh: new Set([whole]) });

    expect(suspected.size).toBe(2);
    expect(stuck.length).toBeGreaterThan(0);
    expect(changedSlots(join, after)).toStrictEqual([whole]);
  });
});

describe('a group', () => {
  test('is refreshed when that is asked for: the same members, a new epoch', () => {
    const view = smallView(3, 3);

    const after = nextView(view, [], everything, { ...quick, refresh: new Set([4, 9]) });

    expect(changedSlots(view, after)).toStrictEqual([4, 9]);
    const { group, lead } = slotsOf(view)[4] ?? {};
    const previous = { epoch: 1, group };
    expect(after && slotsOf(after)[4]).toStrictEqual({ slots: 1, epoch: 2, group, lead, previous });
  });

  test('is not refreshed for a lead that is suspected, nor while groups have to move', () => {
    const view = smallView(3, 3);
    const suspected = { ...everything, suspected: new Set([slotsOf(view)[31]?.lead ?? 0]) };
    const refresh = new Set([31]);

    expect(nextView(view, [], suspected, { ...quick, refresh })).toBeUndefined();
    const joins = [{ kind: 'join', address: processAt(4) }] as const;
    const joined = nextView(view, joins, everything, { ...quick, refresh });
    expect(changedSlots(view, joined)).not.toContain(31);
    expect(changedSlots(view, joined)).not.toHaveLength(0);
  });

  test('keeps of those who are to go rather one who is there, and next one who is leaving', () => {
    const none = new Set<number>();
    const next = (suspected: ReadonlySet<number>, leaving: ReadonlySet<number>): unknown =>
      nextGroup([1, 2, 3], [1, 4, 5], 1, suspected, leaving);

    expect(next(none, none)).toStrictEqual([1, 4, 2]);
    expect(next(none, new Set([2]))).toStrictEqual([1, 4, 3]);
    expect(next(new Set([2]), none)).toStrictEqual([1, 4, 3]);
    expect(next(new Set([3]), new Set([2]))).toStrictEqual([1, 4, 2]);
  });

  test('takes nobody in who is suspected', () => {
    const view = smallView(3, 3);
    const joins = [{ kind: 'join', address: processAt(4) }] as const;
    const suspected = { ...everything, suspected: new Set([4]) };

    const joined = nextView(view, joins, suspected, quick);

    expect(stateOf(joined, 4)).toBe('active');
    expect(changedSlots(view, joined)).toStrictEqual([]);
  });

  test('does not become one that has lost its majority', () => {
    const view = smallView(3, 3);
    const leave = [
      { kind: 'leave', member: 1 },
      { kind: 'leave', member: 2 },
    ] as const;
    const suspected = { ...everything, suspected: new Set([3]) };

    expect(changedSlots(view, nextView(view, leave, suspected, quick))).toStrictEqual([]);
  });

  test('of which half are suspected has no majority', () => {
    const view = smallView(4, 2);
    const leave = [{ kind: 'leave', member: 1 }] as const;
    const suspected = { ...everything, suspected: new Set([2]) };

    expect(changedSlots(view, nextView(view, leave, everything, quick))).toHaveLength(16);
    expect(changedSlots(view, nextView(view, leave, suspected, quick))).toHaveLength(0);
  });

  test('grows with a cluster that begins as one node, and shrinks with it again', () => {
    const one = { ...smallView(1, 1), replication: 3 };
    const five = [2, 3, 4, 5].reduce(
      (view, node) => converged(view, [{ kind: 'join', address: processAt(node) }]).at(-1) ?? view,
      one,
    );
    const two = [1, 3, 5].reduce(
      (view, member) => converged(view, [{ kind: 'leave', member }]).at(-1) ?? view,
      five,
    );

    expect(new Set(slotsOf(five).map(({ group }) => group.length))).toStrictEqual(new Set([3]));
    expect(five.council).toStrictEqual([1, 2, 3, 4, 5]);
    expect(new Set(slotsOf(two).map(({ group }) => group.length))).toStrictEqual(new Set([2]));
    expect(two.members.map(({ index }) => index)).toStrictEqual([2, 4]);
    expect(two.council).toHaveLength(1);
  });
});

test('V1: a view that follows a forced one is of the same era, and of no other that was forced', () => {
  const forced = { ...smallView(3, 3), era: 1, forces: [{ id: 'f', after: 1 }] };
  const rival = { ...forced, forces: [{ id: 'g', after: 1 }] };

  const after = nextView(forced, [], everything, { ...quick, refresh: new Set([0]) });

  expect(after && flawOfStep(forced, after, everything)).toBeUndefined();
  expect(after && flawOfStep(rival, after, everything)).toContain('V1');
});

describe('a spare', () => {
  test('is who joins a ring that has no room for another token', () => {
    const view = smallView(2, 1, 16);

    const joined = nextView(view, [{ kind: 'join', address: processAt(3) }], everything, quick);

    expect(joined?.tokens).toStrictEqual(view.tokens);
    expect(joined && sparesOf(joined)).toHaveLength(1);
  });

  test('owns nothing until it takes the place of another', () => {
    const view = smallView(5, 3);

    const joined = nextView(
      view,
      [{ kind: 'join', address: processAt(6), tokens: 0 }],
      everything,
      quick,
    );
    const [spare] = joined ? sparesOf(joined) : [];
    const views = joined
      ? converged(joined, [{ kind: 'leave', member: 2, heir: spare?.index ?? 0 }])
      : [];

    expect(changedSlots(view, joined)).toStrictEqual([]);
    expect(spare?.address).toBe(processAt(6));
    expect([...arrivalsIn(views)]).toStrictEqual([[6, loadOf(view, 2).holds]]);
  });
});

describe('the council', () => {
  const membersOf = (active: readonly number[]): View['members'] =>
    active.map((index) => ({ index, address: processAt(index), state: 'active' }));
  const none = new Set<number>();

  test('stays as it is as long as its members do', () => {
    expect(councilOf([2, 3, 5], membersOf([1, 2, 3, 4, 5, 6]), none)).toStrictEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(councilOf([2, 3, 6], membersOf([1, 2, 3, 6]), none)).toStrictEqual([2, 3, 6]);
    expect(councilOf([2, 3, 6], membersOf([1, 2, 3, 6]), new Set([6]))).toStrictEqual([2, 3, 6]);
    expect(councilOf([2, 3, 6], membersOf([1, 2, 4, 5]), none)).toStrictEqual([1, 2, 4]);
  });

  test('prefers who is not suspected when it has to choose', () => {
    const suspected = new Set([1, 3]);

    expect(councilOf([2, 3, 6], membersOf([1, 2, 4, 5]), suspected)).toStrictEqual([2, 4, 5]);
    expect(councilOf([1, 2, 3, 4, 5], membersOf([2, 3, 4, 5]), suspected)).toStrictEqual([2, 4, 5]);
  });

  test('is of active members', () => {
    const [one, two, ...others] = membersOf([1, 2, 3, 4]);
    const leaving = [one, two].flatMap((member) =>
      member ? [{ ...member, state: 'leaving' as const }] : [],
    );

    expect(councilOf([1, 2, 3], [...leaving, ...others], none)).toStrictEqual([3]);
  });
});

describe('a change is refused', () => {
  const view = smallView(3, 2);
  const leaving = nextView(view, [{ kind: 'leave', member: 2 }], everything, quick) ?? view;
  const one = smallView(1, 1);
  const beside = Address.parse(`q${processAt(1).slice(1)}`);
  const endless = { ...view, nextIndex: 65_536 };
  const crowd = smallView(1, 1);
  const full: View = {
    ...crowd,
    members: Array.from({ length: 1024 }, (_, place) => ({
      index: place + 1,
      address: processAt(place + 1),
      state: 'active',
    })),
  };

  test.each<[string, View, Change]>([
    ['names no process', view, { kind: 'join', address: Address.parse('@127.0.0.1:1') }],
    ['names no process', view, { kind: 'replace', member: 1, by: Address.parse('c@') }],
    ['is a member already', view, { kind: 'join', address: processAt(3) }],
    ['replace it instead', view, { kind: 'join', address: beside }],
    ['replace it instead', view, { kind: 'replace', member: 2, by: beside }],
    ['has at most 1024', full, { kind: 'join', address: Address.parse('q@127.0.0.1:1') }],
    ['has had at most 65535', endless, { kind: 'join', address: processAt(9) }],
    ['no member has the number 4', view, { kind: 'leave', member: 4 }],
    ['no member has the number 4', view, { kind: 'replace', member: 4, by: processAt(9) }],
    ['is leaving already', leaving, { kind: 'leave', member: 2 }],
    ['the last member cannot leave', one, { kind: 'leave', member: 1 }],
    ['no member 1 can', view, { kind: 'leave', member: 1, heir: 1 }],
    ['no member 2 can', leaving, { kind: 'leave', member: 1, heir: 2 }],
  ])('%s', (text, before, change) => {
    expect(refusalOfChange(before, change)).toContain(text);
    expect(() => nextView(before, [change], everything, quick)).toThrow(InvariantViolation);
  });

  test.each<[string, Change]>([
    [
      'a process that was restarted takes its own place',
      { kind: 'replace', member: 1, by: beside },
    ],
    ['a new process joins', { kind: 'join', address: processAt(4) }],
    ['a member inherits what another one owned', { kind: 'leave', member: 1, heir: 2 }],
  ])('not if %s', (_, change) => {
    expect(refusalOfChange(view, change)).toBeUndefined();
    expect(View.safeParse(nextView(view, [change], everything, quick)).success).toBe(true);
  });
});
