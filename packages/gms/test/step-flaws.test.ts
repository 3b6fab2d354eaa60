import { flawOfStep, type Knowledge, type View } from '@jbstore/gms/port';

import { nextView } from '../src';
import { runsOf, type SlotState } from '../src/runs';
import { converged, everything, processAt, quick, slotsOf, smallView } from './planning';

/** A step with much in it: of five nodes the second leaves, and a sixth has joined. */
const before = smallView(5, 3);
const changes = [
  { kind: 'join', address: processAt(6) },
  { kind: 'leave', member: 2 },
] as const;
const after = nextView(before, changes, everything, quick) ?? before;

/** The first slot that it changes, from a group of 1, 2 and 3 to one of 1, 3 and 6. */
const changed = 0;
/** A slot that it does not change. */
const untouched = slotsOf(after).findIndex(({ epoch }) => epoch === 1);

/** `after`, with something else in one slot. */
function withSlot(slot: number, change: Partial<SlotState>): View {
  const slots = slotsOf(after).map((state, place) =>
    place === slot ? { ...state, ...change } : state,
  );
  return { ...after, runs: runsOf(slots) };
}

type Member = View['members'][number];

/** A view with something else about one member. */
function withMember(view: View, index: number, change: Partial<Member>): View {
  const members = view.members.map((member) =>
    member.index === index ? { ...member, ...change } : member,
  );
  return { ...view, members };
}

function withoutMember(view: View, index: number): View {
  return { ...view, members: view.members.filter((member) => member.index !== index) };
}

const knowing = (knowledge: Partial<Knowledge>): Knowledge => ({ ...everything, ...knowledge });
const givenUp = knowing({ givenUp: new Set([2]) });

test('a step that was planned has no flaw', () => {
  expect(slotsOf(before)[changed]?.group).toStrictEqual([1, 2, 3]);
  expect(slotsOf(after)[changed]).toMatchObject({ group: [1, 3, 6], lead: 1 });
  expect(slotsOf(before)[untouched]?.group).toStrictEqual([4, 5, 1]);
  expect(flawOfStep(before, after, everything)).toBeUndefined();
  expect(flawOfStep(before, withMember(after, 2, { state: 'evicted' }), givenUp)).toBeUndefined();
});

describe('a view does not follow', () => {
  const from = { epoch: 1, group: [1, 2, 3] };
  const fenced = { epoch: 2, previous: { epoch: 1, group: [4, 5, 1] } };

  test.each([
    ['V1', 'if it skips a number', { ...after, number: 3 }],
    ['V1', 'in another era', { ...after, era: 1 }],
    ['V1', 'in another cluster', { ...after, clusterId: 'other' }],
    ['V1', 'with another replication', { ...after, replication: 5 }],
    ['V1', 'with other slots', { ...after, slotCount: 64 }],
    ['V1', 'with another register', { ...after, register: 'single-writer' }],
    ['V6', 'if an index is another process', withMember(after, 3, { address: processAt(9) })],
    ['V6', 'if an index may be given again', { ...after, nextIndex: 5 }],
    ['V5', 'if a newcomer is leaving', withMember(after, 6, { state: 'leaving' })],
    ['V5', 'if somebody is evicted for no reason', withMember(after, 2, { state: 'evicted' })],
    ['V5', 'if somebody is gone who is needed', withoutMember(after, 2)],
    ['another size', 'if the council is smaller', { ...after, council: [1, 3, 4] }],
    ['active', 'if who leaves is in the council', { ...after, council: [1, 2, 3, 4, 5] }],
    ['fenced', 'if a group is new, and its epoch old', withSlot(changed, { epoch: 1 })],
    ['fenced', 'if it knows no previous group', withSlot(changed, { previous: undefined })],
    ['fenced', 'if it knows another one', withSlot(changed, { previous: { ...from, group: [1] } })],
    ['fenced', 'if it knows another epoch', withSlot(changed, { previous: { ...from, epoch: 9 } })],
    ['fenced', 'if that is forced', withSlot(changed, { previous: { ...from, forced: true } })],
    ['fenced', 'if a lead is new, and its epoch old', withSlot(untouched, { lead: 5 })],
    ['V2', 'if two are new at once', withSlot(changed, { group: [1, 4, 6] })],
    ['V4', 'if who leaves is new', withSlot(untouched, { ...fenced, group: [4, 5, 2] })],
    ['V4', 'if a group is thinned out', withSlot(changed, { group: [1, 6] })],
    ['V8', 'if a newcomer leads', withSlot(changed, { lead: 6 })],
    ['V8', 'if it is not the first that leads', withSlot(changed, { lead: 3 })],
  ] as const)('by %s %s', (rule, _, view) => {
    expect(flawOfStep(before, view, everything)).toContain(rule);
  });

  test.each([
    ['V3', 'not settled', { settled: (slot: number) => slot !== changed }],
    ['V7', 'given up by most of those who had it', { suspected: new Set([1, 2]) }],
    ['V7', 'of those most of whom are suspected', { suspected: new Set([3, 6]) }],
  ])('by %s if it changes a slot that is %s', (rule, _, knowledge) => {
    expect(flawOfStep(before, after, knowing(knowledge))).toContain(rule);
  });

  test('by V7 if somebody is evicted of the last that have what was there', () => {
    const view = withMember(after, 2, { state: 'evicted' });
    const suspected = new Set([2, 3]);

    expect(flawOfStep(before, view, { ...givenUp, suspected })).toContain('V7: 2 is evicted');
  });

  test('by V5 and V6 if somebody comes back who was leaving or gone', () => {
    const refreshed = (view: View): View =>
      nextView(view, [], everything, { ...quick, refresh: new Set([0]) }) ?? view;
    const gone = converged(before, changes).at(-1) ?? before;
    const back: Member = { index: 2, address: processAt(2), state: 'active' };
    const next = refreshed(gone);

    const again = { ...next, members: [...next.members, back] };
    const active = withMember({ ...after, number: 3 }, 2, { state: 'active' });

    expect(flawOfStep(gone, again, everything)).toContain('V6: the index 2');
    expect(flawOfStep(after, active, everything)).toContain('V5: 2 was leaving');
  });

  test('by V4 if a group is larger than it can be', () => {
    const three = smallView(3, 3);
    const two = nextView(three, [{ kind: 'leave', member: 3 }], everything, quick) ?? three;
    const slots = slotsOf(two).map((state) => ({ ...state, group: [1, 2, 3] }));

    expect(flawOfStep(three, two, everything)).toBeUndefined();
    expect(flawOfStep(three, { ...two, runs: runsOf(slots) }, everything)).toContain('V4');
  });

  test('if its council changes without need', () => {
    const eight = smallView(8, 3);
    const next = nextView(eight, [], everything, { ...quick, refresh: new Set([0]) }) ?? eight;

    expect(next.council).toStrictEqual([1, 2, 3, 4, 5, 6, 7]);
    const council = [1, 2, 3, 4, 5, 6, 8];
    expect(flawOfStep(eight, { ...next, council }, everything)).toContain('without need');
  });
});
