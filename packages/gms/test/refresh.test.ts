import { RefreshSlots, runOf, type SlotEpoch } from '@jbstore/gms/port';

import { RefreshDue } from '../src/messages';
import { GrowingGroup, Operator, type Node } from './growing-group';

const refreshMs = 1_000;

/** Three members, of which the first leads. */
function booted(): { group: GrowingGroup; members: Node[] } {
  return GrowingGroup.booted({ nodes: 3, replication: 3, reconfiguration: { refreshMs } });
}

/** A member asks for new epochs of these slots, each of them in the first. */
function ask(member: Node | undefined, ...slots: number[]): void {
  const client = member?.process.clientOf(member.process.component.membership);
  client?.trigger(new RefreshSlots(slots.map((slot): SlotEpoch => ({ slot, epoch: 1 }))));
}

/** Which slots have another epoch than the first, and which. */
function epochsOf(member: Node | undefined): ReadonlyMap<number, number> {
  const view = member?.view;
  if (!view) throw new Error('it has a view');
  const slots = Array.from({ length: view.slotCount }, (_, slot) => slot);
  const epochs = slots.map((slot) => [slot, runOf(view, slot).epoch] as const);
  return new Map(epochs.filter(([, epoch]) => epoch > 1));
}

describe('slots whose leads ask for another epoch', () => {
  test('get it in one view, whoever asked within the time for that', () => {
    const { group, members } = booted();
    const [leader, second, third] = members;
    const groups = leader?.view?.runs.map((run) => run.group);
    ask(second, 3, 4, 5);
    group.pass(0.5);
    ask(third, 900);
    ask(leader, 7);
    group.pass(5);

    for (const member of members) {
      expect(member.view?.number).toBe(2);
      expect([...epochsOf(member)]).toStrictEqual([3, 4, 5, 7, 900].map((slot) => [slot, 2]));
      expect(new Set(member.view?.runs.map((run) => run.group.join()))).toStrictEqual(
        new Set(groups?.map((held) => held.join())),
      );
    }
  });

  test('get it once: who asks again, or a copy that comes late, changes nothing', () => {
    const { group, members } = booted();
    const [leader, second] = members;
    ask(second, 3);
    ask(second, 3);
    group.pass(0.2);
    ask(second, 3);
    group.pass(5);
    expect([...epochsOf(leader)]).toStrictEqual([[3, 2]]);

    ask(second, 3);
    group.pass(10);
    expect(leader?.view?.number).toBe(2);
  });

  test('of an epoch that the leader does not know are left as they are', () => {
    const { group, members } = booted();
    const [leader, second] = members;
    const client = second?.process.clientOf(second.process.component.membership);
    client?.trigger(new RefreshSlots([{ slot: 3, epoch: 2 }]));
    group.pass(5);

    expect(leader?.view?.number).toBe(1);
  });

  test('do not change the view more often than that', () => {
    const { group, members } = booted();
    const [leader, second] = members;
    const numbers: (number | undefined)[] = [];
    for (let slot = 0; slot < 40; slot += 1) {
      ask(second, slot);
      group.pass(0.1);
      numbers.push(leader?.view?.number);
    }
    group.pass(5);

    expect(numbers.at(-1)).toBeGreaterThan(2);
    expect(numbers.at(-1)).toBeLessThanOrEqual(1 + 4);
    expect(epochsOf(leader).size).toBe(40);
  });

  test('ask again when that was lost, or the leader is another one', () => {
    const { group, members } = booted();
    const [leader, second, third] = members;
    let lost = 0;
    group.processes.wire.rule(({ message }, otherwise) => {
      if (!(message instanceof RefreshDue) || lost > 0) return otherwise;
      lost += 1;
      return 'drop';
    });
    ask(third, 900);
    group.pass(3);
    expect(leader?.view?.number).toBe(1);
    ask(third, 900);
    group.pass(0.2);
    if (leader) group.crash(leader);
    group.pass(5);
    expect(second?.view?.number).toBe(1);

    ask(third, 900);
    group.pass(5);
    expect(lost).toBe(1);
    expect([...epochsOf(second)]).toStrictEqual([[900, 2]]);
  });

  test('do not keep an operator waiting who asks for the same', () => {
    const { group, members } = booted();
    const [leader, second] = members;
    ask(second, 3);
    new Operator(group).ask(second, { kind: 'refresh', slots: [3, 4] });
    group.pass(0.6);
    expect([...epochsOf(leader)].map(([slot]) => slot)).toStrictEqual([3, 4]);

    group.pass(5);
    expect(leader?.view?.number).toBe(2);
  });

  test('do not where the first view stays', () => {
    const reconfiguration = { refreshMs: 0, keepsFirstView: true };
    const { group, members } = GrowingGroup.booted({ nodes: 3, replication: 3, reconfiguration });
    ask(members[1], 3);
    group.pass(5);

    expect(members[0]?.view?.number).toBe(1);
  });
});
