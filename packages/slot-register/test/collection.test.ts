import { positionOf } from '@jbstore/gms/port';
import { Mutate, Prune, type Operation } from '@jbstore/slot-register/port';

import { PageMessage } from '../src/messages';
import { Cluster, put, requestId, viewAfter, viewOf } from './cluster';

const lifetime = 2;

/** Processes a, b and c hold all slots, led by a; three tombstones of a slot are worth another epoch. */
class Group extends Cluster {
  #requests = 0;

  constructor() {
    super(viewOf(3), 'tombstones', {}, 3);
  }

  /** a deletes these, in a session of this generation. */
  delete(names: string, generation: number): void {
    for (const name of names) this.#ask(name, generation, { kind: 'delete' });
  }

  /** a puts something there. */
  write(name: string, generation = 1): void {
    this.#ask(name, generation, put('value'));
  }

  #ask(name: string, generation: number, operation: Operation): void {
    this.#requests += 1;
    const request = requestId(`session ${String(generation)}`, this.#requests, generation);
    this.mutate('a', request, operation, name);
    this.advance(20);
  }

  /** By the clocks of all, sessions below this generation are over. Returns for what a asks. */
  prune(before: number): readonly string[] {
    for (const name of 'abc') this.at(name).client.trigger(new Prune(before, lifetime));
    this.settle();
    return this.at('a').takeRefreshes();
  }

  /** The same group in another epoch. */
  change(): void {
    const view = viewAfter(this.at('a').view ?? this.view, 'abc');
    for (const member of this.members) member.install(view);
    this.advance(1_000);
  }
}

/** Three registers were deleted long ago, and one is there, which was put just now. */
function deleted(): Group {
  const group = new Group();
  group.delete('xyz', 10);
  group.write('v', 30);
  return group;
}

describe('another epoch is asked for', () => {
  test('where many tombstones can be collected, and by nobody but the lead', () => {
    const group = deleted();
    group.mutate('b', requestId('at b', 1, 30), put('value'), 'v');
    group.advance(100);

    expect(group.prune(25)).toStrictEqual(['0 of 1']);
    for (const name of 'bc') expect(group.at(name).takeRefreshes()).toStrictEqual([]);
  });

  test('again and again, as who is asked may not hear it, until there is one', () => {
    const group = deleted();

    expect([25, 25, 26].map((before) => group.prune(before))).toStrictEqual(
      Array(3).fill(['0 of 1']),
    );
    group.change();
    group.write('v', 30);
    expect([26, 30].map((before) => group.prune(before))).toStrictEqual([[], []]);
    expect(group.at('a').count('slots.refreshes')).toBe(1);
    expect(group.at('a').count('slots.tombstones')).toBe(0);
  });

  test('not while the clock says that their sessions may go on', () => {
    expect(deleted().prune(10)).toStrictEqual([]);
  });

  test('not while nobody has seen a session that is so much younger, whatever the clock says', () => {
    const group = new Group();
    group.delete('xyz', 10);
    group.write('v', 10 + lifetime);

    expect(group.prune(1_000)).toStrictEqual([]);
    group.write('v', 11 + lifetime);
    expect(group.prune(1_000)).toStrictEqual(['0 of 1']);
  });

  test('not if too few of them can go: the others would be there again', () => {
    const group = new Group();
    group.delete('xy', 10);
    group.delete('z', 25);
    group.write('v', 30);

    expect(group.prune(25)).toStrictEqual([]);
    expect(group.prune(26)).toStrictEqual(['0 of 1']);
  });

  test('not if seven of ten records are values', () => {
    const group = deleted();
    for (const name of 'abcdef') group.write(name);

    expect(group.prune(25)).toStrictEqual([]);
    group.delete('a', 10);
    group.write('v', 31);
    expect(group.prune(26)).toStrictEqual(['0 of 1']);
  });

  test('for a single one, when its epoch is as old as twenty-four sessions can become', () => {
    const group = new Group();
    group.delete('x', 10);
    group.write('v', 30);
    expect(group.prune(25)).toStrictEqual([]);
    group.write('v', 80);

    expect(group.prune(25 + 24 * lifetime - 1)).toStrictEqual([]);
    expect(group.prune(25 + 24 * lifetime)).toStrictEqual(['0 of 1']);
  });

  test('not while the slot is synchronised, nor before it is known to be settled', () => {
    const group = new Group();
    let isLost = true;
    group.wire.rule(({ message }, otherwise) =>
      isLost && message instanceof PageMessage ? 'drop' : otherwise,
    );
    group.change();
    group.delete('xyz', 10);
    group.write('v', 30);

    expect(group.prune(25)).toStrictEqual([]);
    isLost = false;
    group.advance(5_000);
    expect(group.at('a').synced.map(({ slot, epoch }) => [slot, epoch])).toContainEqual([0, 2]);
    expect(group.prune(25)).toStrictEqual([]);
    group.at('a').settle(0, 2);
    expect(group.prune(25)).toStrictEqual(['0 of 2']);
  });

  test('in several steps, as to go through many tombstones takes time', () => {
    const group = new Cluster(viewOf(1), 'many', {}, 3);
    const { client } = group.at('a');
    const ask = (slot: number, name: string, generation: number, operation: Operation): void => {
      const register = (slot === 0 ? '\0' : '\xff') + positionOf(Buffer.from(name)).slice(1) + name;
      client.trigger(new Mutate(register, requestId(name, 1, generation), operation));
    };
    for (const [slot, tombstones] of [10, 17_000].entries()) {
      for (let index = 0; index < tombstones; index += 1) {
        ask(slot, String(index), 10, { kind: 'delete' });
      }
      ask(slot, 'v', 30, put('value'));
    }
    const asked = [25, 25, 25].map((before) => {
      client.trigger(new Prune(before, lifetime));
      group.settle();
      return group.at('a').takeRefreshes();
    });

    expect(asked).toStrictEqual([['1 of 1'], ['0 of 1, 1 of 1'], ['0 of 1, 1 of 1']]);
  });
});
