import { SlotSettled, indexOf, runOf } from '@jbstore/gms/port';

import { Settled, Synced } from '../src/messages';
import { slotStatesOf } from '../src/runs';
import { GrowingGroup, Operator, epochIn, portsOf } from './growing-group';

describe('a group that begins', () => {
  test.each([1, 2, 3, 5, 7])('decides its first view: N = %i', (nodes) => {
    const { members } = GrowingGroup.booted({ nodes, replication: Math.min(3, nodes) });

    for (const { view } of members) expect(view).toEqual(members[0]?.view);
    expect(members[0]?.view?.members).toHaveLength(nodes);
  });

  test('is finished by the others if the first node dies when one of them knows who has gathered', () => {
    const group = new GrowingGroup();
    const [first, ...others] = [0, 1, 2].map((index) => group.start(index));
    group.processes.wire.rule(({ source, message }, otherwise) =>
      source.startsWith('n0-') && message.declaration.type.startsWith('consensus/')
        ? 'drop'
        : otherwise,
    );
    group.pass(0.1);
    if (first) group.crash(first);

    group.pass(8);

    for (const { view } of others) expect(view).toMatchObject({ number: 1 });
  });
});

describe('a member that crashes', () => {
  test('before there is a view is suspected when there is one, and let go after the grace', () => {
    const group = new GrowingGroup({ nodes: 3, replication: 2 });
    const [, ...others] = [0, 1, 2].map((index) => group.start(index));
    const [, lost] = others;
    // Nothing is decided until the last one is dead and suspected.
    let isSlow = true;
    group.processes.wire.rule(({ message }, otherwise) =>
      isSlow && message.declaration.type.startsWith('consensus/') ? 'drop' : otherwise,
    );
    group.pass(1);
    if (lost) group.crash(lost);
    group.pass(5);
    isSlow = false;
    group.pass(5);

    const [survivor] = others;
    expect(survivor?.view?.number).toBe(1);
    expect(survivor?.suspected).toStrictEqual([lost?.self]);

    group.pass(30);
    expect(portsOf(survivor?.view)).toStrictEqual([7100, 7101]);
  });

  test('is let go after the grace, and its slots are given to others', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [, , , lost] = members;
    if (lost) group.crash(lost);

    group.pass(9);
    expect(members[0]?.view?.number).toBe(1);
    group.pass(30);

    for (const member of members.filter((other) => other !== lost)) {
      expect(portsOf(member.view)).toStrictEqual([7100, 7101, 7102, 7104]);
      expect(member.view).toEqual(members[0]?.view);
      expect(member.view?.members).toHaveLength(4);
    }
    const view = members[0]?.view;
    for (const { group: holders } of view?.runs ?? []) expect(holders).toHaveLength(3);
  });

  test('stays where there are no more than δ members: nothing would be gained', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 3 });
    const [first, , lost] = members;
    if (lost) group.crash(lost);

    group.pass(60);

    expect(first?.view?.number).toBe(1);
  });

  test('leaves its tokens to one that joins', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const before = members[0]?.view;
    const [, , lost] = members;
    if (lost) group.crash(lost);
    group.pass(2);

    const fresh = group.start(7, 1);
    group.pass(30);

    const after = fresh.view;
    expect(portsOf(after)).toStrictEqual([7100, 7101, 7103, 7104, 7107]);
    expect(after?.tokens).toStrictEqual(
      before?.tokens.map(({ slot, member }) => ({ slot, member: member === 3 ? 6 : member })),
    );
    // Only the groups that the lost one was in have changed.
    for (let slot = 0; slot < 1024; slot += 1) {
      const [old, now] = [before && runOf(before, slot), after && runOf(after, slot)];
      if (!old?.group.includes(3)) expect(now?.epoch).toBe(1);
      else expect(now?.group).toStrictEqual(old.group.map((index) => (index === 3 ? 6 : index)));
    }
  });

  test('is replaced at once by a process in its place, and that is another member', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [first, , lost] = members;
    if (lost) group.crash(lost);
    group.pass(1.5);

    const fresh = group.start(2, 4);
    group.pass(6);

    expect(portsOf(fresh.view)).toStrictEqual([7100, 7101, 7102, 7103, 7104]);
    expect(fresh.view).toEqual(first?.view);
  });

  test('be it the leader: the next one leads', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [leader, ...others] = members;
    if (leader) group.crash(leader);

    group.pass(60);

    for (const { view } of others) expect(portsOf(view)).toStrictEqual([7101, 7102, 7103, 7104]);
  });
});

describe('members that come and go', () => {
  test('a joiner is taken in, through any member, and gets slots', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 2 });

    const fresh = group.start(5, 2);
    group.pass(20);

    expect(portsOf(fresh.view)).toStrictEqual([7100, 7101, 7102, 7105]);
    expect(fresh.view).toEqual(members[0]?.view);
    const owned = fresh.view?.runs.filter(({ group: [owner] }) => owner === 4) ?? [];
    expect(owned.length).toBeGreaterThan(0);
  });

  test('who held a slot that is settled without it hears of that, though the first word is lost', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 2 });
    let isLost = true;
    group.processes.wire.rule(({ message }, otherwise) =>
      isLost && message instanceof Settled ? 'drop' : otherwise,
    );
    group.start(5);
    group.pass(3);
    isLost = false;
    group.pass(10);

    const { runs = [] } = members[0]?.view ?? {};
    for (const node of members) {
      const own = node.view && indexOf(node.view, node.self);
      const heard = new Set(node.all(SlotSettled).map(({ slot, epoch }) => `${slot} ${epoch}`));
      const unheard = slotStatesOf(runs).filter(({ epoch, previous }, slot) => {
        const held = own !== undefined && (previous?.group.includes(own) ?? false);
        return held && !heard.has(`${slot} ${epoch}`);
      });
      expect(unheard).toHaveLength(0);
    }
  });

  test('of an epoch that the leader does not know yet it never says that a slot is settled', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 2 });
    const [leader, ahead] = members;
    if (!leader || !ahead) throw new Error('there are three members');
    let answers = 0;
    group.processes.wire.rule(({ message }, otherwise) => {
      if (message instanceof Settled) answers += 1;
      return otherwise;
    });
    const report = (epoch: number): void => {
      const message = new Synced(leader.self, { stretches: [{ first: 0, slots: 1, epoch }] });
      group.processes.wire.deliver({ source: ahead.self, destination: leader.self, message });
      group.pass(0.1);
    };

    report(2);
    expect(answers).toBe(0);
    report(1);
    expect(answers).toBe(1);
  });

  test('who is asked to leave gives away what it holds, and is told that it has left', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [first, leaver, third] = members;
    const operator = new Operator(group);

    operator.ask(third, { kind: 'leave', endpoint: '127.0.0.1:7101' });
    group.pass(30);

    expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
    expect(leaver?.evicted).toBe(true);
    expect(portsOf(first?.view)).toStrictEqual([7100, 7102, 7103, 7104]);
    expect(first?.view?.members).toHaveLength(4);
  });

  test('who is to succeed a member inherits its tokens when it joins, and that one leaves', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [first, leaver, third] = members;
    const before = first?.view;
    const operator = new Operator(group);

    operator.ask(third, { kind: 'replace', endpoint: '127.0.0.1:7101', by: '127.0.0.1:7107' });
    group.pass(5);
    expect(first?.view?.number).toBe(1);
    group.start(7, 3);
    group.pass(30);

    expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
    expect(leaver?.evicted).toBe(true);
    expect(first?.view?.tokens).toStrictEqual(
      before?.tokens.map(({ slot, member }) => ({ slot, member: member === 2 ? 6 : member })),
    );
  });

  test('who has joined already can be made the successor of a member, and has its tokens too', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 2 });
    const [first, , third] = members;
    group.start(7, 1);
    group.pass(30);
    expect(portsOf(first?.view)).toStrictEqual([7100, 7101, 7102, 7107]);
    const operator = new Operator(group);

    operator.ask(third, { kind: 'replace', endpoint: '127.0.0.1:7101', by: '127.0.0.1:7107' });
    group.pass(30);

    expect(portsOf(first?.view)).toStrictEqual([7100, 7102, 7107]);
    expect(first?.view?.tokens.filter(({ member }) => member === 4)).toHaveLength(2);
  });

  test('what cannot be done is refused, with what to do instead', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 3 });
    const operator = new Operator(group);
    const [first] = members;
    const endpoint = '127.0.0.1:7101';

    operator.ask(first, { kind: 'leave', endpoint: '127.0.0.1:9999' });
    operator.ask(first, { kind: 'leave', endpoint });
    operator.ask(first, { kind: 'replace', endpoint, by: endpoint });
    operator.ask(first, { kind: 'refresh', slots: [1024] });
    group.pass(5);

    const heard = operator.heard();
    expect(heard.map(({ verdict }) => verdict)).toStrictEqual(Array(4).fill('refused'));
    const [stranger, few, same, slot] = heard.map(({ text }) => text);
    expect(stranger).toContain('127.0.0.1:9999 is no member');
    expect(few).toContain('let another one join first');
    expect(same).toContain('by itself');
    expect(slot).toContain('from 0 to 1023');
    expect(first?.view?.number).toBe(1);
  });

  test('nobody is replaced by who is leaving, which may have to wait for others itself', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 4, replication: 3 });
    const operator = new Operator(group);
    const [first] = members;
    const [endpoint, by] = ['127.0.0.1:7101', '127.0.0.1:7102'];

    operator.ask(first, { kind: 'leave', endpoint: by });
    group.pass(0.1);
    operator.ask(first, { kind: 'replace', endpoint, by });
    group.pass(0.1);
    const [, refused] = operator.heard();
    expect(refused).toMatchObject({ verdict: 'refused' });
    expect(refused?.text).toContain(`${by} is leaving: name another process`);

    // When it has left, a process that is begun there is another one.
    group.pass(30);
    operator.ask(first, { kind: 'replace', endpoint, by });
    group.pass(5);
    expect(operator.heard()).toMatchObject([{ verdict: 'accepted' }]);
  });

  test('a member takes the place of another one only if enough stay, and stays itself until it has', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 4, replication: 3 });
    const operator = new Operator(group);
    const [first] = members;
    const [endpoint, by, other] = ['127.0.0.1:7101', '127.0.0.1:7102', '127.0.0.1:7103'];

    operator.ask(first, { kind: 'replace', endpoint, by });
    operator.ask(first, { kind: 'leave', endpoint: by });
    group.pass(0.1);
    const [accepted, refused] = operator.heard();
    expect(accepted).toMatchObject({ verdict: 'accepted' });
    expect(refused).toMatchObject({ verdict: 'refused' });
    expect(refused?.text).toContain(`${by} is about to take the place of ${endpoint}`);

    group.pass(30);
    expect(first?.view?.members).toHaveLength(3);
    operator.ask(members[3], { kind: 'replace', endpoint: other, by });
    group.pass(0.1);
    const [few] = operator.heard();
    expect(few).toMatchObject({ verdict: 'refused' });
    expect(few?.text).toContain('by a process that is no member');
  });

  test('the leader tells how many slots are on the move, the others that they do not know', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 2, syncMs: 5_000 });
    const [leader, other] = members;
    const operator = new Operator(group);
    group.start(7, 1);
    group.pass(4);

    operator.askProgress(leader);
    operator.askProgress(other);
    group.pass(1);

    const [first, second] = operator.progress();
    expect(first?.unsettled).toBeGreaterThan(0);
    expect(second).toMatchObject({ epoch: first?.epoch, unsettled: null });
  });

  test('who was cut off for long and evicted hears of it when it is back', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 5, replication: 3 });
    const [first, , , , lost] = members;
    let isCut = true;
    group.processes.wire.rule(({ source, destination }, otherwise) =>
      isCut && (source === lost?.self || destination === lost?.self) ? 'drop' : otherwise,
    );
    group.pass(40);
    expect(first?.view?.number).toBeGreaterThan(1);
    expect(lost?.view?.number).toBe(1);

    isCut = false;
    group.pass(30);

    expect(lost?.evicted).toBe(true);
  });

  test('from three to nine and back: each view follows the rules, and all agree', () => {
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 3 });
    const joined = [3, 4, 5, 6, 7, 8].map((index) => group.start(index, 1));
    group.pass(60);
    for (const { view } of [...members, ...joined]) expect(portsOf(view)).toHaveLength(9);
    const epoch = epochIn(members[0]?.view);
    expect(epoch).toBeGreaterThan(6);
    for (const node of [...members, ...joined]) expect(epochIn(node.view)).toBe(epoch);
  });
});
