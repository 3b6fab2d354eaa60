import { epochOf, type View } from '@jbstore/gms/port';

import { Acceptor } from '../src/acceptor';
import { FlatRecords } from '../src/flat-records';
import { salvaged } from '../src/former';
import { MergeMessage, MergePageMessage, SyncMessage } from '../src/messages';
import { Cluster, viewAfter, viewOf } from './cluster';

/** Processes a to f, of which a, b and c hold all slots, led by a. Those that die are given up. */
class Bereft extends Cluster {
  #view = this.view;

  constructor() {
    super(viewOf(6, 3));
  }

  /** The next view, in which those named hold all slots, led by the first. */
  change(names: string): void {
    this.#install(viewAfter(this.#view, names));
  }

  /** The first view of the next era: those named hold all slots, and begin with what the survivors have. */
  force(names: string, survivors: string, by = 'abcdef'): void {
    const { era, number, runs } = this.#view;
    const next = { ...this.#view, era: era + 1, number: number + 1 };
    const indices = (those: string): number[] =>
      Array.from(those, (name) => name.charCodeAt(0) - 96);
    const group = indices(names);
    const [before] = runs;
    const previous = {
      epoch: before?.epoch ?? 0,
      group: indices(survivors),
      forced: true,
    };
    const run = { slots: 2, epoch: epochOf(next), group, lead: group[0] ?? 0 };
    this.#install({ ...next, runs: [survivors === '' ? run : { ...run, previous }] }, by);
  }

  install(by: string): void {
    this.#install(this.#view, by);
  }

  #install(view: View, by = 'abcdef'): void {
    this.#view = view;
    for (const member of this.members) {
      if (by.includes(member.self.charAt(0))) member.install(view);
    }
    this.settle();
  }

  lose(names: string): void {
    for (const name of names) {
      this.crash(name);
      for (const { self } of this.members) {
        if (!names.includes(self.charAt(0))) this.suspect(self.charAt(0), names);
      }
    }
  }

  putAt(name: string, value: string, key: string): readonly string[] {
    this.put(name, value, key);
    this.advance(1_000);
    return this.answers(name);
  }

  readAt(name: string, keys: string): readonly string[] {
    for (const key of keys) this.read(name, key);
    this.advance(3_000);
    return this.answers(name);
  }

  get synced(): string {
    const epoch = epochOf(this.#view);
    const synced = this.members.filter((member) =>
      member.synced.some((slot) => slot.epoch === epoch),
    );
    return synced.map(({ self }) => self.charAt(0)).join('');
  }
}

test('a slot of which one member survives goes on with what that one has', () => {
  const group = new Bereft();
  for (const key of 'xyz') group.putAt('a', key, key);
  group.lose('bc');
  group.force('ade', 'a');
  group.advance(2_000);

  expect(group.synced).toBe('ade');
  expect(group.readAt('e', 'xyz')).toEqual(['x @1', 'y @1', 'z @1']);
  expect(group.putAt('d', 'again', 'x')).toEqual(['ok @2']);
});

test('each survivor is needed, as it may be the last that has something', () => {
  const group = new Bereft();
  group.putAt('a', 'first', 'x');
  group.wire.rule(({ destination }) => (destination.startsWith('b') ? 'drop' : 1));
  expect(group.putAt('a', 'second', 'x')).toEqual(['ok @2']);
  group.wire.rule(() => 1);
  group.lose('c');
  // Of the survivors the one that has it is the last to come.
  group.force('bde', 'abf', 'bdef');
  expect(group.readAt('d', 'x')).toEqual([]);
  expect(group.synced).toBe('');

  group.install('a');
  group.advance(10_000);
  expect(group.answers('d')).toEqual(['second @2']);
  expect(group.synced).toBe('bde');
});

describe('a slot that was on the move', () => {
  /** x is put in two epochs, y only in the first one, from which nothing but x was moved. */
  function moving(by: string): Bereft {
    const group = new Bereft();
    group.wire.rule(({ message }, otherwise) =>
      message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : otherwise,
    );
    group.putAt(by, 'first', 'x');
    group.putAt(by, 'only', 'y');
    group.change('ade');
    expect(group.putAt('a', 'second', 'x')).toEqual(['ok @2']);
    return group;
  }

  test('goes on with what was accepted, and else with what was held before', () => {
    const group = moving('a');
    group.lose('aec');
    const toB: string[] = [];
    group.wire.rule(({ message, destination }) => {
      if (message instanceof SyncMessage && destination.startsWith('b')) {
        for (const { register, record } of message.entries) {
          toB.push(`${register.slice(16)}: ${record ? 'record' : 'tag'}`);
        }
      }
      return 1;
    });
    group.force('db', 'db');
    group.advance(5_000);

    // In both epochs the lead gave x the same ballot and count, so only the epochs tell the records apart.
    expect(group.synced).toBe('bd');
    expect(new Set(toB)).toEqual(new Set(['x: tag', 'y: tag', 'x: record']));
    expect(group.readAt('b', 'xy')).toEqual(['second @2', 'only @1']);
    expect(group.readAt('d', 'xy')).toEqual(['second @2', 'only @1']);
  });

  test('goes on with the later record, whatever the ballot of the earlier one, register by register too', () => {
    const group = moving('b');
    group.lose('aec');
    group.wire.rule(({ message }) =>
      message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : 1,
    );
    group.force('df', 'db');

    expect(group.readAt('f', 'xy')).toEqual(['second @2', 'only @1']);
  });

  test('goes on with the later record of a member that has both', () => {
    const group = moving('a');
    group.lose('bcde');
    group.wire.rule(() => 1);
    group.force('f', 'a');
    group.advance(2_000);

    expect(group.readAt('f', 'xy')).toEqual(['second @2', 'only @1']);
  });

  test('and was forced already, still knows which record is of which epoch', () => {
    const group = moving('b');
    group.lose('aec');
    group.force('df', 'db');
    group.advance(1_000);
    group.wire.rule(() => 1);
    group.force('fd', 'dfb');
    group.advance(5_000);

    expect(group.synced).toBe('df');
    expect(group.readAt('f', 'xy')).toEqual(['second @2', 'only @1']);
  });

  test('that was forced already, and loses a survivor before it is settled', () => {
    const group = new Bereft();
    group.putAt('b', 'first', 'x');
    group.putAt('b', 'only', 'y');
    group.lose('bc');
    group.wire.rule(({ message }) => (message instanceof MergePageMessage ? 'drop' : 1));
    group.force('de', 'a');
    expect(group.putAt('d', 'second', 'x')).toEqual(['ok @2']);
    group.lose('e');
    group.wire.rule(({ message }) => (message instanceof MergeMessage ? 'drop' : 1));
    group.force('f', 'da');
    group.advance(5_000);

    expect(group.synced).toBe('f');
    expect(group.readAt('f', 'xy')).toEqual(['second @2', 'only @1']);
  });
});

test('a slot without survivors begins empty, and is served', () => {
  const group = new Bereft();
  group.putAt('a', 'lost', 'x');
  group.lose('abc');
  group.force('de', '');

  expect(group.readAt('e', 'x')).toEqual(['nothing']);
  expect(group.putAt('d', 'new', 'x')).toEqual(['ok @1']);
});

test('what a survivor has forgotten stays forgotten, be it of one epoch or the other', () => {
  const acceptor = new Acceptor(false);
  acceptor.becomeSynced({ generationFloor: 3, versionFloor: 5 });
  const holdings = {
    accepted: new FlatRecords(),
    synced: false,
    generationFloor: 4,
    versionFloor: 2,
  };

  const { holdings: both } = salvaged(2, acceptor, { epoch: 1, holdings });

  expect(both).toMatchObject({ generationFloor: 4, versionFloor: 5 });
});
