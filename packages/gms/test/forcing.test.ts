import { invariant } from '@jbstore/core';
import { RivalFound, indexOf, runOf, type ChangeWish, type View } from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';

import { forcedView } from '../src/force';
import { refusalOfPlaces } from '../src/force-refusals';
import { Install, SurveyReply, ViewReply } from '../src/messages';
import {
  GrowingGroup,
  Operator,
  epochIn,
  portsOf,
  type GroupInit,
  type Node,
} from './growing-group';

const place = ({ self }: Node): string => self.slice(self.indexOf('@') + 1);

function force(lost: readonly Node[], beginEmpty = false): ChangeWish {
  return { kind: 'force', lost: lost.map(place), beginEmpty };
}

/** A group of five in which these have died, and are suspected, and whoever can be let go is not yet. */
function bereft(dead: readonly number[], init: GroupInit = {}) {
  const reconfiguration = { graceMs: 60_000 };
  const { group, members } = GrowingGroup.booted({
    nodes: 5,
    replication: 3,
    reconfiguration,
    ...init,
  });
  const lost = members.filter((_, index) => dead.includes(index));
  const rest = members.filter((_, index) => !dead.includes(index));
  for (const node of lost) group.crash(node);
  group.pass(5);
  return { group, members, lost, rest, operator: new Operator(group) };
}

/** What an operator is told who asks each of `nodes` in turn. */
function heard(group: GrowingGroup, operator: Operator, wish: ChangeWish, nodes: readonly Node[]) {
  return nodes.map((node) => {
    operator.ask(node, wish);
    group.pass(3);
    const [reply] = operator.heard();
    return reply && { verdict: reply.verdict, text: reply.text };
  });
}

function forcedSlots(view: View | undefined): number {
  if (!view) return 0;
  const slots = Array.from({ length: view.slotCount }, (_, slot) => runOf(view, slot));
  return slots.filter(({ previous }) => previous?.forced).length;
}

test('a group that has lost a majority of slots goes on in another era, decided as any view', () => {
  const { group, lost, rest, operator } = bereft([1, 2]);
  // Nobody is simply told of it.
  group.processes.wire.rule(({ message }, otherwise) =>
    message instanceof Install ? 'drop' : otherwise,
  );
  operator.ask(rest[2], force(lost));
  group.pass(1);
  const forced = rest.map(({ views }) => views.find(({ era }) => era === 1));
  group.pass(20);

  expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
  for (const view of forced) expect(view).toEqual(forced[0]);
  expect(forced[0]).toMatchObject({ number: 2, forces: [{ after: 1 }] });
  expect(forced[0]?.council).toEqual([1, 4, 5]);
  // Two groups of five had two of the lost.
  expect(forcedSlots(forced[0])).toBe(409);
  const untouched = forced[0]?.runs.filter(({ epoch }) => epoch === 1) ?? [];
  expect(untouched.reduce((sum, { slots }) => sum + slots, 0)).toBe(1024 - 409);
  for (const { view } of rest) {
    expect(portsOf(view)).toEqual([7100, 7103, 7104]);
    expect(view?.members).toHaveLength(3);
    expect(view).toEqual(rest[0]?.view);
  }
});

test('a group that has lost its council too is led on by the first that remains, whoever is asked', () => {
  const { group, lost, rest, operator } = bereft([0, 1, 3]);
  operator.ask(rest[1], force(lost, true));
  group.pass(1);
  const forced = rest.map(({ views }) => views.find(({ era }) => era === 1));
  group.pass(20);

  expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
  expect(forced[0]).toBeDefined();
  expect(forced[1]).toEqual(forced[0]);
  expect(forced[0]?.council).toEqual([3]);
  for (const { view } of rest) expect(portsOf(view)).toEqual([7102, 7104]);

  const fresh = group.start(7, 2);
  group.pass(10);
  expect(portsOf(fresh.view)).toEqual([7102, 7104, 7107]);
  expect(fresh.view?.era).toBe(1);
});

test('what is known to be settled is not forced, though most of those are gone who held it before', () => {
  const reconfiguration = { graceMs: 60_000 };
  const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3, reconfiguration });
  const [one, two, rest, leaver] = members;
  const operator = new Operator(group);
  operator.ask(one, { kind: 'leave', endpoint: leaver ? place(leaver) : '' });
  group.pass(20);
  const lost = [one, two].filter((node) => node !== undefined);
  for (const node of lost) group.crash(node);
  group.pass(5);
  operator.ask(rest, force(lost));
  group.pass(1);

  expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }, { verdict: 'accepted' }]);
  const view = rest?.views.find(({ era }) => era === 1);
  const kept = view?.runs.filter(({ epoch }) => epoch < 2 ** 32) ?? [];
  expect(kept.map((run) => [run.group, run.previous?.group])).toContainEqual([
    [2, 3, 5],
    [2, 3, 4],
  ]);
});

describe('who remains', () => {
  const mute = (group: GrowingGroup, isMute: () => boolean): void => {
    group.processes.wire.rule(({ message }, otherwise) =>
      isMute() && message instanceof SurveyReply ? 'drop' : otherwise,
    );
  };

  test('is asked until it answers', () => {
    const { group, lost, rest, operator } = bereft([1, 2]);
    let isMute = true;
    mute(group, () => isMute);
    operator.ask(rest[0], force(lost));
    group.pass(1);
    expect(operator.heard()).toEqual([]);
    isMute = false;
    group.pass(0.5);

    expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
  });

  test('is not waited for without end, however often the operator repeats itself', () => {
    const { group, lost, rest, operator } = bereft([0, 1, 2]);
    mute(group, () => true);
    operator.ask(rest[0], force(lost, true));
    for (let time = 0; time < 12; time += 1) {
      group.pass(0.25);
      operator.askAgain(rest[0], force(lost, true));
    }

    const [answer] = operator.heard();
    expect(answer).toMatchObject({ verdict: 'refused' });
    expect(answer?.text).toContain('127.0.0.1:7104 has not answered');
  });

  test('must have the view of the others', () => {
    const { group, members } = GrowingGroup.booted({
      nodes: 5,
      replication: 3,
      reconfiguration: { graceMs: 60_000 },
    });
    const [one, two, behind, four] = members;
    const operator = new Operator(group);
    group.processes.wire.rule(({ destination, message }, otherwise) => {
      const tells = [Install, ViewReply].some((kind) => message instanceof kind);
      const isDecided = message.declaration.type === 'consensus/Decided';
      return (tells || isDecided) && destination === behind?.self ? 'drop' : otherwise;
    });
    operator.ask(one, { kind: 'refresh', slots: [500] });
    group.pass(1);
    const lost = [one, two, four].filter((node) => node !== undefined);
    for (const node of lost) group.crash(node);
    group.pass(5);
    expect(behind?.view?.number).toBe(1);
    operator.heard();
    operator.ask(behind, force(lost, true));
    group.pass(3);

    expect(operator.heard()).toMatchObject([{ verdict: 'not now' }]);
    expect(behind?.view?.number).toBe(1);
  });
});

describe('a force is refused, with what to do', () => {
  test('if a node is given up that is alive, or unknown, or if nobody is left', () => {
    const { group, members, lost, rest, operator } = bereft([1, 2]);
    const [first] = rest;
    const unknown: ChangeWish = { kind: 'force', lost: ['127.0.0.1:1'], beginEmpty: false };

    const answers = [force([...lost, ...rest.slice(2)]), unknown, force(members)].flatMap((wish) =>
      heard(group, operator, wish, rest.slice(0, 1)),
    );

    expect(answers).toMatchObject([
      { verdict: 'refused', text: expect.stringContaining('7104 is alive as far as') as string },
      { verdict: 'refused', text: expect.stringContaining('127.0.0.1:1 is no member') as string },
      { verdict: 'refused', text: expect.stringContaining('nobody would be left') as string },
    ]);
    expect(first?.view?.era).toBe(0);
  });

  test('if nothing has lost its majority', () => {
    const { group, lost, rest, operator } = bereft([1]);

    const [answer] = heard(group, operator, force(lost), rest.slice(0, 1));

    expect(answer?.verdict).toBe('refused');
    expect(answer?.text).toContain('can go on by itself');
  });

  test('if slots would begin empty', () => {
    const { group, lost, rest, operator } = bereft([1, 2, 3]);

    const [answer] = heard(group, operator, force(lost), rest.slice(0, 1));

    expect(answer?.verdict).toBe('refused');
    expect(answer?.text).toContain('begin empty');
    expect(rest[0]?.view?.era).toBe(0);
  });

  test('if somebody who is not given up does not answer, be the council there or not', () => {
    const few = bereft([1, 2, 4]);
    const many = bereft([1, 2, 3, 4]);

    const [one] = heard(few.group, few.operator, force(few.lost.slice(0, 2)), few.rest.slice(0, 1));
    const [two] = heard(many.group, many.operator, force(many.lost.slice(1), true), many.rest);

    expect(one?.verdict).toBe('not now');
    expect(one?.text).toContain('127.0.0.1:7104 cannot be reached either');
    expect(two?.verdict).toBe('refused');
    expect(two?.text).toContain('127.0.0.1:7101 has not answered');
  });

  test('if there is no number for another era, or for its first view', () => {
    const { rest } = bereft([]);
    const view = rest[0]?.view;
    invariant(view !== undefined, 'there is a view');
    const wish = { kind: 'force' as const, lost: [], beginEmpty: false };
    const last = [{ number: 2 ** 32 - 1 }, { era: 65_535 }];

    for (const numbers of last) {
      expect(refusalOfPlaces({ ...view, ...numbers }, wish, true)).toContain(
        'no era after this one',
      );
    }
    expect(refusalOfPlaces(view, wish, true)).toBeUndefined();
  });

  test('where the first view stays', () => {
    const { group, lost, rest, operator } = bereft([1, 2], {
      reconfiguration: { keepsFirstView: true },
    });

    for (const answer of heard(group, operator, force(lost), rest)) {
      expect(answer).toMatchObject({ verdict: 'refused' });
      expect(answer?.text).toContain('stay the same');
    }
  });
});

describe('who was only cut off', () => {
  /** Three are cut off from two, who go on without them; those three do whatever they can. */
  function parted(seed: string) {
    const reconfiguration = { graceMs: 60_000 };
    const { group, members } = GrowingGroup.booted({
      nodes: 5,
      replication: 3,
      reconfiguration,
      seed,
    });
    const [some, others] = [members.slice(0, 2), members.slice(2)];
    let isParted = true;
    const sideOf = (process: string): boolean => some.some(({ self }) => self === process);
    group.processes.wire.rule(({ source, destination }, otherwise) => {
      const isBetween = !source.startsWith('o') && !destination.startsWith('o');
      return isParted && isBetween && sideOf(source) !== sideOf(destination) ? 'drop' : otherwise;
    });
    group.pass(5);
    const heal = (): void => {
      isParted = false;
    };
    return { group, some, others, heal, operator: new Operator(group) };
  }

  test('learns of the era when it is back, and is a member no more', () => {
    const { group, some, others, heal, operator } = parted('back');
    operator.ask(some[0], force(others, true));
    group.pass(5);
    expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
    for (const { view } of others) expect(view?.era).toBe(0);
    heal();
    group.pass(30);

    for (const { view } of some) expect(portsOf(view)).toEqual([7100, 7101]);
    for (const { evicted } of others) expect(evicted).toBe(true);
  });

  test('is a member no more though it is listed, if it has gone on in the era before', () => {
    const { group, some, others, heal, operator } = parted('strayed');
    const refresh: ChangeWish = { kind: 'refresh', slots: [500] };
    operator.ask(others[0], refresh);
    group.pass(2);
    // They could do so in slots of which they have the majority.
    expect(others[0]?.view).toMatchObject({ era: 0, number: 2 });
    operator.ask(some[0], force(others, true));
    group.pass(0.5);
    const listed = some[0]?.view?.members.map(({ address }) => address) ?? [];
    const kept = others.filter(({ self }) => listed.includes(self));
    expect(kept.length).toBeGreaterThan(0);
    heal();
    group.pass(0.5);

    for (const { evicted } of kept) expect(evicted).toBe(true);
    for (const { views } of others) expect(views.at(-1)?.era).toBe(0);
  });
});

test('two that were told of eras of one number, each another, raise an alarm when they hear of each other', () => {
  const { group, lost, rest } = bereft([0, 1, 3]);
  const [one, other] = rest;
  const view = one?.view;
  if (!view || !other) throw new Error('there are two');
  const given = new Set(lost.flatMap(({ self }) => indexOf(view, self) ?? []));
  const stranger = group.processes.create(Address.parse('r@'), (_system, ground) => ground, {
    clusterId: 'test',
  });
  const client = stranger.clientOf(stranger.component.network);
  group.processes.start();
  for (const [id, node] of Object.entries({ f: one, g: other })) {
    const forced = forcedView(view, given, () => true, id);
    client.trigger(new Install(node.self, { view: forced }));
  }
  group.pass(5);

  for (const node of rest) expect(node.all(RivalFound)).toMatchObject([{ era: 1 }]);
});

test('views of two eras that were forced beside each other are never installed by one, which raises an alarm', () => {
  const { group, lost, rest, operator } = bereft([0, 1, 3]);
  const [one, other] = rest;
  operator.ask(one, force(lost, true));
  group.pass(5);
  const view = one?.view;
  if (!view || !other) throw new Error('a view was forced');
  const rival = { ...view, number: view.number + 5, forces: [{ id: 'another', after: 1 }] };
  const stranger = group.processes.create(Address.parse('r@'), (_system, ground) => ground, {
    clusterId: 'test',
  });
  const client = stranger.clientOf(stranger.component.network);
  group.processes.start();
  client.trigger(new Install(other.self, { view: rival }));
  group.pass(1);

  expect(epochIn(other.view)).toBeLessThan(epochIn(rival));
  expect(other.all(RivalFound)).toMatchObject([{ era: 1 }]);
  expect(one.all(RivalFound)).toEqual([]);
});
