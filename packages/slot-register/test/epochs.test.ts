import { type EventClass } from '@jbstore/core';
import { type Message } from '@jbstore/network/port';
import { type SlotTransferInit } from '@jbstore/slot-register';
import { Prune } from '@jbstore/slot-register/port';

import {
  AcceptMessage,
  MergeMessage,
  MergePageMessage,
  PageMessage,
  PrepareMessage,
  ReadMessage,
  SlotPrepareMessage,
  SyncDoneMessage,
  SyncMessage,
  ValueMessage,
} from '../src/messages';
import { Cluster, put, requestId, viewAfter, viewOf } from './cluster';

/** Processes a to f, of which a, b and c hold all slots, led by a. */
class Group extends Cluster {
  #view = this.view;

  constructor(transfer: SlotTransferInit = {}, told?: string) {
    super(viewOf(6, 3), 'slots', transfer, undefined, told);
  }

  /** The next view, in which those named hold all slots, led by the first; installed by all, or by some. */
  change(names: string, by = 'abcdef'): void {
    this.#view = viewAfter(this.#view, names);
    this.install(by);
  }

  /** Those named install the newest view. */
  install(by: string): void {
    for (const member of this.members) {
      if (by.includes(member.self.charAt(0))) member.install(this.#view);
    }
    this.settle();
  }

  /** All hear that the slots are settled in the newest view. */
  settleSlots(by = 'abcdef'): void {
    for (const member of this.members) {
      for (const slot of [0, 1]) {
        if (by.includes(member.self.charAt(0))) member.settle(slot, this.#view.number);
      }
    }
    this.settle();
  }

  /** Those that have said that they are synced in the newest view. */
  get synced(): string {
    const { number } = this.#view;
    const isSynced = [0, 1].map(
      (slot) => (name: string) =>
        this.at(name).synced.some((one) => one.slot === slot && one.epoch === number),
    );
    const names = this.members.map(({ self }) => self.charAt(0));
    return names.filter((name) => isSynced.every((holds) => holds(name))).join('');
  }

  putAt(name: string, keys: string): void {
    for (const key of keys) this.put(name, `value of ${key}`, key);
    this.advance(500);
    this.at(name).client.take();
  }

  readAt(name: string, keys: string): readonly string[] {
    for (const key of keys) this.read(name, key);
    this.advance(2_000);
    return this.answers(name);
  }
}

/** Every message sent from here on. */
function sent(group: Group): Message[] {
  const messages: Message[] = [];
  group.wire.rule(({ message }, otherwise) => {
    messages.push(message);
    return otherwise;
  });
  return messages;
}

function count(
  messages: readonly Message[],
  kind: abstract new (...args: never[]) => Message,
): number {
  return messages.filter((message) => message instanceof kind).length;
}

const valuesOf = (keys: string): readonly string[] =>
  Array.from(keys, (key) => `value of ${key} @1`);

describe('a slot in a new epoch', () => {
  test('I9, S18: all members can be replaced one after the other, and all that was chosen stays', () => {
    const group = new Group();
    group.putAt('a', 'xyz');
    for (const names of ['bcd', 'cde', 'def']) {
      group.change(names);
      group.advance(1_000);
      expect(group.synced).toBe(names);
      group.settleSlots();
    }
    for (const name of 'abc') group.crash(name);

    expect(group.readAt('e', 'xyz')).toEqual(valuesOf('xyz'));
  });

  test('a record moves to who did not hold it, and between the others only its tag does', () => {
    const group = new Group();
    group.putAt('a', 'xyz');
    const messages = sent(group);
    group.change('abd');
    group.advance(1_000);

    const toOne = messages.filter((message) => message instanceof SyncMessage);
    const moved = toOne.flatMap(({ destination, entries }) =>
      entries.map(({ record }) => `${destination.charAt(0)}: ${record ? 'record' : 'tag'}`),
    );
    expect(moved.filter((one) => one === 'b: tag')).toHaveLength(3);
    expect(moved.filter((one) => one === 'd: record')).toHaveLength(3);
    expect(moved).toHaveLength(6);
    const pages = messages.filter((message) => message instanceof PageMessage);
    expect(pages.flatMap(({ page }) => page?.entries ?? [])).toEqual([]);
  });

  test('who asks for a register that was not moved yet waits for one round more, once', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : otherwise,
    );
    const messages = sent(group);
    group.change('abd');
    group.put('a', 'second', 'x');
    group.put('a', 'third', 'x');
    group.advance(4);

    expect(group.answers('a')).toEqual(['ok @2', 'ok @3']);
    expect(count(messages, MergeMessage)).toBe(2);
    expect(count(messages, PrepareMessage)).toBe(0);
    expect(group.synced).toBe('');
  });

  test('a member that does not lead takes a register over that was not moved yet', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.change('dab', 'abcdef');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.crash('d');
    group.put('b', 'second', 'x');
    group.advance(1_000);

    expect(group.answers('b')).toEqual(['ok @2']);
  });

  test('read_unsynced: who is not synced does not tell that there is nothing', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.change('ade', 'ade');
    group.read('d', 'x');
    group.read('e', 'x');
    group.advance(400);
    expect(group.answers('d')).toEqual([]);

    group.install('bc');
    group.advance(2_000);
    expect(group.answers('d')).toEqual(['value of x @1']);
    expect(group.answers('e')).toEqual(['value of x @1']);
  });

  test('R1: if who was asked cannot tell, the others are asked at once', () => {
    const group = new Group();
    group.wire.rule(({ message, destination }, otherwise) =>
      message instanceof SyncMessage && destination.startsWith('d') ? 'drop' : otherwise,
    );
    group.change('bcd');
    group.advance(500);
    expect(group.synced).toBe('bc');
    group.takeInHand();
    group.read('c', 'x');
    expect(group.held(ReadMessage, 'c', 'b')).toHaveLength(0);

    group.deliver(ReadMessage, 'c', 'd');
    group.deliver(ValueMessage, 'd', 'c');
    group.deliver(ReadMessage, 'c', 'b');
    group.deliver(ValueMessage, 'b', 'c');

    expect(group.answers('c')).toEqual(['nothing']);
  });

  test('noepoch: what is said in an epoch that is over is not heard', () => {
    const group = new Group();
    group.takeInHand();
    group.put('a', 'late', 'x');
    group.change('bcd', 'bcdef');
    group.exchange('abc');
    expect(group.answers('a')).toEqual([]);
    expect(group.held(AcceptMessage, 'a', 'b')).toEqual([]);

    group.read('b', 'x');
    for (let step = 0; step < 20; step += 1) {
      group.exchange('bcd');
      group.advance(50);
    }
    expect(group.answers('b')).toEqual(['nothing']);
  });

  test('requests that wait when the epoch ends are served in the next one, or refused', () => {
    const group = new Group();
    group.wire.rule(() => 'drop');
    group.put('a', 'one', 'x');
    group.put('b', 'two', 'x');
    group.read('a', 'y');
    group.advance(100);
    group.wire.rule(() => 1);
    group.change('acd');
    group.advance(2_000);

    expect(group.answers('b')).toEqual(['wrong node']);
    expect([...group.answers('a')].sort()).toEqual(['nothing', 'ok @1']);
  });

  test('D3: a request that was executed before the epoch ended is not executed again', () => {
    const group = new Group();
    const id = requestId('s');
    group.mutate('a', id, { kind: 'increment', by: 1 });
    group.advance(100);
    group.change('bcd');
    group.mutate('b', id, { kind: 'increment', by: 1 });
    group.advance(1_000);
    group.mutate('d', id, { kind: 'increment', by: 1 });
    group.advance(1_000);

    expect(group.answers('a')).toEqual(['ok @1 1']);
    expect(group.answers('b')).toEqual(['ok @1 1']);
    expect(group.answers('d')).toEqual(['ok @1 1']);
  });
});

describe('what a member held before', () => {
  test('merge1: one member of the previous group is not enough', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.change('bcd', 'bd');
    group.read('b', 'x');
    group.advance(1_000);
    expect(group.answers('b')).toEqual([]);

    group.install('c');
    group.advance(5_000);
    expect(group.answers('b')).toEqual(['value of x @1']);
  });

  test('merge_unsynced: those of them who never got what was there do not say that there is nothing', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.wire.rule(() => 'drop');
    group.change('ade');
    group.advance(1_000);
    // Against V3, the slot changes though nobody but a knows whom to ask.
    group.change('def');
    group.wire.rule(({ source, destination }) =>
      [source, destination].some((one) => one.startsWith('a')) ? 'drop' : 1,
    );
    group.read('d', 'x');
    group.advance(5_000);

    expect(group.synced).toBe('');
    expect(group.answers('d')).toEqual([]);
  });

  test('skip_uncounted: who skipped an epoch counts as one that accepted nothing in it', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.change('abd', 'abd');
    group.advance(1_000);
    group.putAt('a', 'y');
    group.settleSlots();
    // c is in the third group, and was not told of the second; e was in none.
    group.change('bcd', 'bcd');
    group.crash('a');
    group.advance(3_000);
    group.settleSlots();
    group.change('cde', 'cde');
    group.advance(3_000);

    expect(group.synced).toBe('cde');
    expect(group.readAt('e', 'xy')).toEqual(valuesOf('xy'));
  });

  test('first_skipped: who skipped the first epoch knows that nothing was before it', () => {
    const group = new Group({}, 'adef');
    group.change('bcd', 'bcdef');
    group.crash('a');
    group.advance(3_000);

    expect(group.synced).toBe('bcd');
    group.putAt('b', 'x');
    expect(group.readAt('c', 'xy')).toEqual([...valuesOf('x'), 'nothing']);
  });

  test('forget_early: who left the group answers until the slot is settled, and not after that', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.change('bde');
    group.advance(1_000);
    group.crash('b');
    group.suspect('d', 'b');
    group.suspect('e', 'b');
    group.wire.rule(() => 1);
    group.advance(5_000);
    expect(group.synced).toBe('de');

    group.settleSlots();
    const messages = sent(group);
    const [question] = [new MergeMessage(group.at('a').self, { phase: 1, epoch: 2, register: '' })];
    group.wire.deliver({
      source: group.at('d').self,
      destination: group.at('a').self,
      message: question,
    });
    group.advance(1);
    expect(messages.map((message) => 'part' in message && message.part)).toEqual([null]);
  });
});

describe('a base of the first ballot', () => {
  /** While none of these messages to any of these processes arrives. */
  function without(group: Group, kind: EventClass<Message>, names: string): void {
    group.wire.rule(({ message, destination }) =>
      message instanceof kind && names.includes(destination.charAt(0)) ? 'drop' : 1,
    );
  }

  test('stays what it is, though another quorum knows of another record that was not chosen', () => {
    const group = new Group();
    group.mutate('a', requestId('s', 2), put('value of x'));
    group.advance(10);
    expect(group.answers('a')).toEqual(['ok @1']);
    without(group, AcceptMessage, 'bc');
    const unchosen = group.put('a', 'unchosen', 'x');
    group.advance(10);
    group.abandon('a', unchosen);
    group.advance(10);
    expect(group.answers('a')).toEqual(['outcome unknown']);
    group.wire.rule(({ message, destination }) =>
      message instanceof MergePageMessage ||
      (message instanceof MergeMessage && destination.startsWith('a'))
        ? 'drop'
        : 1,
    );
    group.change('bad');
    // It comes late, so that it leaves the base as it is.
    group.mutate('b', requestId('s', 1), put('late'));
    group.advance(100);
    expect(group.answers('b')).toEqual(['superseded']);

    without(group, MergePageMessage, 'c');
    group.advance(5_000);
    expect(group.synced).toBe('abd');
    expect(group.readAt('a', 'x')).toEqual(['value of x @1']);
  });

  test('is known by its old tag, and a record that was built on it is not', () => {
    const group = new Group();
    group.putAt('a', 'x');
    for (const name of 'ad') group.suspect(name, 'b');
    group.wire.rule(({ destination }) => (destination.startsWith('b') ? 'drop' : 1));
    group.change('abd');
    group.advance(1_000);
    expect(group.synced).toBe('ad');
    group.putAt('a', 'x');

    group.wire.rule(() => 1);
    for (const name of 'ad') group.suspect(name, '');
    group.advance(5_000);
    expect(group.synced).toBe('abd');
    expect(group.readAt('b', 'x')).toEqual(['value of x @2']);
  });
});

describe('who synchronises', () => {
  test('S16: if the lead crashes, who is preferred in its place prepares the slot, and goes on', () => {
    const group = new Group();
    group.putAt('a', 'xyz');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.change('abd');
    group.put('a', 'changed', 'x');
    group.advance(100);
    expect(group.answers('a')).toEqual(['ok @2']);
    group.crash('a');
    group.wire.rule(() => 1);
    const messages = sent(group);
    for (const name of 'bd') group.suspect(name, 'a');
    group.advance(3_000);

    expect(group.synced).toBe('bd');
    expect(count(messages, SlotPrepareMessage)).toBeGreaterThan(0);
    expect(group.readAt('d', 'xyz')).toEqual(['changed @2', 'value of y @1', 'value of z @1']);
  });

  test('nogiveup: a lead that is overtaken in one register gives up its first ballot for the slot', () => {
    const group = new Group();
    group.putAt('a', 'xy');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof MergePageMessage ? 'drop' : otherwise,
    );
    group.change('abd');
    group.put('b', 'takeover', 'x');
    group.advance(200);
    group.wire.rule(() => 1);
    group.advance(5_000);

    expect(group.answers('b')).toEqual(['ok @2']);
    expect(group.synced).toBe('abd');
    expect(group.readAt('d', 'xy')).toEqual(['takeover @2', 'value of y @1']);
    const takeovers = group.at('a').count('slots.takeovers');
    group.put('a', 'new', 'z');
    group.put('a', 'second', 'y');
    group.advance(1_000);
    // The ballot with which the slot was prepared serves for all its registers.
    expect(group.answers('a')).toEqual(['ok @1', 'ok @2']);
    expect(group.at('a').count('slots.takeovers')).toBe(takeovers);
  });

  test('one slot follows the other at once, if there is room for one at a time', () => {
    const group = new Group({ mostTransfers: 1, tickMs: 60_000 });
    group.putAt('a', 'x');
    group.change('abd');
    group.advance(100);

    expect(group.synced).toBe('abd');
  });

  test('no clock ticks when all was moved, even where that is not known', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.wire.rule(({ message }) => (message instanceof SyncDoneMessage ? 'drop' : 1));
    group.change('abd');
    group.advance(1_000);

    expect(group.synced).toBe('abd');
    expect(group.host.nextMs).toBeUndefined();
  });

  test('a suspected member is not waited for, and gets its share when it is back', () => {
    const group = new Group();
    group.putAt('a', 'x');
    group.suspect('a', 'd');
    group.suspect('b', 'd');
    group.wire.rule(({ source, destination }, otherwise) =>
      [source, destination].some((one) => one.startsWith('d')) ? 'drop' : otherwise,
    );
    group.change('abd');
    group.advance(1_000);
    expect(group.synced).toBe('ab');
    expect(new Set(group.at('a').transfers)).toEqual(new Set(['began', 'b 1/1', 'ended']));

    group.wire.rule(() => 1);
    group.suspect('a', '');
    group.advance(1_000);
    expect(group.synced).toBe('abd');
  });

  test('all of a large slot is moved, in chunks, of which a bounded number is on its way', () => {
    const group = new Group();
    const keys = Array.from({ length: 120 }, (_, index) => String(index));
    for (const key of keys) group.mutate('a', requestId(key), put(key.repeat(4_000)), key);
    group.advance(1_000);
    group.at('a').client.take();
    group.takeInHand();
    group.change('abd');
    let most = 0;
    for (let step = 0; step < 100 && group.synced !== 'abd'; step += 1) {
      const chunks = group.held(SyncMessage, 'a', 'd').map(({ message }) => message);
      const bytes = chunks.flatMap((chunk) => (chunk instanceof SyncMessage ? chunk.entries : []));
      const size = bytes.reduce((sum, { record }) => sum + (record?.value?.length ?? 0), 0);
      most = Math.max(most, size);
      group.exchangeOnce();
    }

    expect(group.synced).toBe('abd');
    expect(most).toBeGreaterThan(128 * 1024);
    expect(most).toBeLessThan(256 * 1024 + 128 * 1024);
    group.wire.rule(() => 1);
    group.crash('b');
    expect(group.readAt('d', '7')).toEqual([`${'7'.repeat(4_000)} @1`]);
  });

  test('the names that were held before are listed while they are moved', () => {
    const group = new Group();
    group.putAt('a', 'xyz');
    group.wire.rule(({ message }, otherwise) =>
      message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.change('abd');
    group.put('a', 'new', 'w');
    group.advance(100);
    const list = group.at('b').list();

    expect(list).toEqual(['w', 'x', 'y', 'z']);
  });
});

describe('tombstones', () => {
  /** a has deleted x, of which the session is forgotten by all who look at the clock; y lives. */
  function deleted(): Group {
    const group = new Group();
    group.mutate('a', requestId('s', 1, 10), put('value'), 'x');
    group.mutate('a', requestId('s', 2, 10), { kind: 'delete' }, 'x');
    group.mutate('a', requestId('t', 1, 30), put('value'), 'y');
    group.advance(100);
    group.at('a').client.take();
    for (const name of 'abc') group.at(name).client.trigger(new Prune(25, 2));
    return group;
  }

  test('go with the epoch, and leave their floors: gc_nopgf, ver_restart', () => {
    const group = deleted();
    const messages = sent(group);
    group.change('abc');
    group.advance(1_000);
    const entries = messages.flatMap((one) => (one instanceof SyncMessage ? one.entries : []));
    expect(new Set(entries.map(({ register }) => register.slice(16)))).toEqual(new Set('y'));

    group.mutate('a', requestId('s', 1, 10), put('late'), 'x');
    group.advance(100);
    group.mutate('b', requestId('s', 1, 10), put('late'), 'x');
    group.advance(1_000);
    group.mutate('a', requestId('u', 1, 30), put('new'), 'x');
    group.advance(1_000);
    expect(group.answers('a')).toEqual(['session expired', 'ok @3']);
    expect(group.answers('b')).toEqual(['session expired']);
  });

  test('stay while a session that is not over may come back to them: gc_drop_any', () => {
    const group = deleted();
    group.mutate('a', requestId('u', 1, 27), put('again'), 'x');
    group.mutate('a', requestId('t', 2, 30), { kind: 'delete' }, 'x');
    group.advance(100);
    group.change('abc');
    group.advance(1_000);
    group.mutate('a', requestId('u', 1, 27), put('again'), 'x');
    group.read('a', 'x');
    group.advance(1_000);

    expect(group.answers('a')).toEqual(['ok @3', 'ok @4', 'ok @3', 'nothing']);
  });
});
