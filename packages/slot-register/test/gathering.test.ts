import { Address } from '@jbstore/network/port';
import fc from 'fast-check';

import { Accepted } from '../src/accepted';
import { type Holdings } from '../src/acceptor';
import { basesOf } from '../src/bases';
import { Gathering, type SourcedPage } from '../src/gathering';
import { MergePageMessage, SyncMessage } from '../src/messages';
import { MergeQuorum } from '../src/merge-quorum';
import { pageOf } from '../src/pages';
import { emptyRecord, type RegisterRecord } from '../src/record';
import { Results } from '../src/results';
import { Slots } from '../src/slots';
import { Stream, type StreamEntry } from '../src/stream';
import { viewAfter, viewOf } from './cluster';
import { flatRecordsOf } from './flat-records-of';

const members = ['a', 'b', 'c'].map((name) => Address.parse(`${name}@${name}:1`));
const [a, b, c] = members as [Address, Address, Address];
const previous = { epoch: 6, members, quorum: 2, isForced: false };

const recordOf = (text: string): RegisterRecord => ({ ...emptyRecord(0, 1), value: text });
const floors = { generationFloor: 0, versionFloor: 0 };

describe('a merge quorum', () => {
  const part = (count: number, complete = true): Parameters<MergeQuorum['count']>[1] => {
    const accepted = count === 0 ? undefined : new Accepted(1, count, recordOf(String(count)));
    return { accepted, complete, generationFloor: count, versionFloor: 10 - count };
  };

  test('merge1: is a majority, each member once, and nobody else', () => {
    const quorum = new MergeQuorum(previous);
    quorum.count(a, part(1));
    quorum.count(a, part(1));
    quorum.count(Address.parse('d@d:1'), part(2));
    expect(quorum.base).toBeUndefined();

    quorum.count(b, part(3));
    expect(quorum.base?.value).toBe('3');
  });

  test('merge_unsynced: has one member that is complete, or has accepted the register', () => {
    const quorum = new MergeQuorum(previous);
    quorum.count(a, part(0, false));
    quorum.count(b, part(0, false));
    expect(quorum.base).toBeUndefined();

    quorum.count(c, part(2, false));
    expect(quorum.base).toMatchObject({ value: '2' });
  });

  test('is a majority of all who were in the group, those included whom the view lists no more', () => {
    const view = viewAfter(viewOf(5, 3), 'ade');
    const slots = new Slots(Address.parse('a@a:7000'));
    slots.install({
      ...view,
      members: view.members.filter(({ index }) => index !== 2 && index !== 3),
    });

    expect(slots.entries[0]?.place.previous).toMatchObject({ quorum: 2, members: { length: 1 } });
  });

  test('has nothing above the floors of all, if nobody has accepted anything', () => {
    const quorum = new MergeQuorum(previous);
    quorum.count(a, { ...part(0), generationFloor: 3, versionFloor: 5 });
    quorum.count(b, { ...part(0), generationFloor: 1, versionFloor: 8 });

    expect(quorum.base).toEqual(emptyRecord(3, 8));
  });
});

/** What a member holds: registers by count, each with a value of so many bytes. */
function holdings(counts: Readonly<Record<string, number>>, bytes: number): Holdings {
  const accepted = Object.entries(counts).map(
    ([register, count]) =>
      [register, new Accepted(1, count, recordOf(String(count).padEnd(bytes)))] as const,
  );
  return { accepted: flatRecordsOf(accepted), synced: true, ...floors };
}

function answer(question: MergePageMessage, { accepted }: Holdings): SourcedPage {
  const { after, until, held } = question;
  return { ...pageOf(accepted, { after, until }, held), complete: true, ...floors };
}

describe('gathering', () => {
  const register = fc.string({
    unit: fc.constantFrom('k', 'l', 'm', 'n'),
    minLength: 1,
    maxLength: 3,
  });
  const counts = fc.dictionary(register, fc.integer({ min: 1, max: 4 }), { maxKeys: 24 });

  test('collects the highest record of each register in a majority, whatever the pages and their order', () => {
    const bytes = fc.constantFrom(1, 20_000, 70_000);
    const order = fc.infiniteStream(fc.nat(5));
    fc.assert(
      fc.property(
        fc.tuple(counts, counts, counts),
        bytes,
        fc.boolean(),
        order,
        (all, size, hasOwn, chance) => {
          const held = new Map(
            members.map((member, index) => [member, holdings(all[index] ?? {}, size)]),
          );
          const own = held.get(a);
          const gathering = new Gathering({
            addresses: members,
            quorum: 2,
            needsComplete: true,
            own: hasOwn && own ? { address: a, holdings: own } : undefined,
            question: (to, span, tags) =>
              new MergePageMessage(to, { phase: 1, slot: 0, epoch: 7, ...span, held: [...tags] }),
          });
          const asked = new Set<Address>(hasOwn ? [a] : []);
          for (let round = 0; !gathering.gathered && round < 200; round += 1) {
            const questions = gathering.questions;
            const question = questions[(chance.next().value as number) % questions.length];
            if (!(question instanceof MergePageMessage)) throw new Error('a question is there');
            const source = held.get(question.destination);
            if (!source) throw new Error('a source is there');
            asked.add(question.destination);
            gathering.receive(question.destination, answer(question, source));
          }

          const { records } = gathering.gathered ?? { records: new Map<string, Accepted>() };
          const sources = [...held].filter(([member]) => asked.has(member));
          expect(sources).toHaveLength(2);
          const names = new Set(sources.flatMap(([, { accepted }]) => [...accepted.keys()]));
          expect(new Set(records.keys())).toEqual(names);
          for (const [name, { count, record }] of records) {
            const highest = Math.max(
              ...sources.map(([, { accepted }]) => accepted.get(name)?.count ?? 0),
            );
            expect([name, count, record.value?.length]).toEqual([name, highest, size]);
          }
        },
      ),
    );
  });

  test('only what is higher than the own tag is in a page', () => {
    const page = pageOf(holdings({ k: 3, l: 2, m: 1 }, 1).accepted, { after: '', until: null }, [
      { register: 'k', ballot: 1, count: 2 },
      { register: 'l', ballot: 1, count: 2 },
    ]);

    expect(page.entries.map(({ register: name }) => name)).toEqual(['k', 'm']);
  });
});

describe('bases', () => {
  const gathered = (
    records: Readonly<Record<string, RegisterRecord>>,
  ): Parameters<typeof basesOf>[0] => {
    const accepted = Object.entries(records).map(
      ([name, record]) => [name, new Accepted(1, 1, record)] as const,
    );
    return { records: new Map(accepted), complete: true, generationFloor: 2, versionFloor: 3 };
  };
  const resultOf = (generation: number): string => {
    const session = { generation, chance: 's'.padEnd(12) };
    return Results.pack([{ session, sequence: 1, outcome: { succeeded: true, version: 1 } }]);
  };

  test('a tombstone of which all is forgotten is left out, and the floors rise above it', () => {
    const tombstone = { ...emptyRecord(0, 9), results: resultOf(4) };
    const young = { ...recordOf('value'), results: resultOf(20) };
    const { bases, generationFloor, versionFloor } = basesOf(
      gathered({ dead: tombstone, alive: young }),
      { before: 15, lifetime: 6 },
    );

    expect(bases.map(({ register: name }) => name)).toEqual(['alive']);
    expect([generationFloor, versionFloor]).toEqual([14, 9]);
  });

  test('gc_drop_any, nocap: one of a session that is not old enough, by the clock or by others, stays', () => {
    const tombstone = { ...emptyRecord(0, 9), results: resultOf(4) };
    for (const pruning of [
      { before: 4, lifetime: 0 },
      { before: 1_000, lifetime: 1 },
    ]) {
      const { bases, generationFloor } = basesOf(gathered({ dead: tombstone }), pruning);
      expect(bases).toHaveLength(1);
      expect(generationFloor).toBe(2);
    }
  });
});

describe('a stream', () => {
  const entries: StreamEntry[] = Array.from({ length: 10 }, (_, index) => ({
    register: `r${String(index)}`,
    count: 0,
    record: recordOf('v'.repeat(40_000)),
    old: { epoch: 6, ballot: 1, count: 1 },
  }));
  const streamOf = (some: readonly StreamEntry[]): Stream =>
    new Stream({
      ...{ phase: 5, slot: 0, epoch: 7, ballot: 1, entries: some, ...floors },
      ...{ members: [b, c], holders: [b], windowBytes: 100_000 },
    });
  const chunksIn = (messages: Iterable<unknown>): number[] =>
    [...messages].map((message) => (message instanceof SyncMessage ? message.chunk : -1));

  test('of nothing is one chunk, as the last one says that it was all', () => {
    const [message] = streamOf([]).fresh(c);

    expect(message).toMatchObject({ chunk: 0, isLast: true, entries: [] });
  });

  test('keeps a bounded number of bytes on its way, and goes on when it is told that they came', () => {
    const stream = streamOf(entries);

    expect(chunksIn(stream.fresh(c))).toEqual([0, 1, 2]);
    expect(chunksIn(stream.fresh(c))).toEqual([]);
    expect(chunksIn(stream.again(c))).toEqual([0, 1, 2]);
    expect(stream.acknowledged(c, 1, false)).toBe(true);
    expect(stream.acknowledged(c, 1, false)).toBe(false);
    expect(chunksIn(stream.fresh(c))).toEqual([3]);
    expect(stream.passed(c)).toBe(1);
  });

  test('sends to who may hold a record its tag, and the record when it is asked for, and again', () => {
    const stream = streamOf(entries.slice(0, 1));
    const recordsIn = (messages: Iterable<unknown>): boolean[] =>
      [...messages]
        .flatMap((one) => (one instanceof SyncMessage ? one.entries : []))
        .map(({ record }) => record !== undefined);

    expect(recordsIn(stream.fresh(c))).toEqual([true]);
    expect(recordsIn(stream.fresh(b))).toEqual([false]);
    expect(recordsIn(stream.needed(b, 0, ['r0']))).toEqual([true]);
    expect(recordsIn(stream.again(b))).toEqual([true]);
  });

  test('sends nothing to who is synced, or no member', () => {
    const stream = streamOf(entries);
    stream.acknowledged(c, 0, true);

    expect([...stream.fresh(c), ...stream.again(c), ...stream.fresh(a)]).toEqual([]);
  });
});
