import { bytesOf } from '@jbstore/register/port';
import fc from 'fast-check';

import { Accepted } from '../src/accepted';
import { FlatRecords } from '../src/flat-records';
import { Results } from '../src/results';
import { flatRecordsOf } from './flat-records-of';

/** Names as they are, and short ones, some of which begin alike. */
const names = Array.from({ length: 40 }, (_, index) =>
  index % 2 === 0 ? String(index) : `${'\u00ff'.repeat(15)}${String.fromCharCode(index)}key`,
);

const value = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  fc.uint8Array({ minLength: 1_025, maxLength: 1_100 }).map((bytes) => Uint8Array.from(bytes)),
);
const results = fc.nat(3).map((count) =>
  Results.pack(
    Array.from({ length: count }, (_, index) => {
      const session = { generation: index, chance: 'chance chanc' };
      return { session, sequence: index + 1, outcome: { succeeded: true } };
    }),
  ),
);
const accepted = fc
  .record({
    ballot: fc.maxSafeNat(),
    count: fc.maxSafeNat(),
    epoch: fc.option(fc.integer({ min: 1, max: 2 ** 48 - 1 }), { nil: undefined }),
    value,
    version: fc.maxSafeNat(),
    results,
    generationFloor: fc.nat(2 ** 32 - 1),
  })
  .map(({ ballot, count, epoch, ...record }) => new Accepted(ballot, count, record, epoch));
const steps = fc.array(fc.tuple(fc.constantFrom(...names), accepted), { maxLength: 80 });

/** All that can be asked of `records`, as if it were a map. */
function expectSame(records: FlatRecords, model: ReadonlyMap<string, Accepted>): void {
  const valued = [...model].filter(([, { record }]) => record.value !== undefined);
  const bytes = valued.map(([name, { record }]) => name.length + (record.value?.length ?? 0));
  expect(new Map(records)).toEqual(model);
  expect([...records.keys()].sort()).toEqual([...model.keys()].sort());
  expect([...records.keysOfValues()].sort()).toEqual(valued.map(([name]) => name).sort());
  const deleted = [...model.values()].filter(({ record }) => record.value === undefined);
  const forgotten = deleted.map(({ record }) => record.results);
  expect([...records.resultsOfTombstones()].sort()).toEqual(forgotten.sort());
  expect(records.size).toBe(model.size);
  expect(records.values).toBe(valued.length);
  expect(records.bytes).toBe(bytes.reduce((sum, more) => sum + more, 0));
  const asked = names.map((name) => ({
    has: records.has(name),
    got: records.get(name),
    ballot: records.ballotOf(name),
    tag: records.tagOf(name),
  }));
  const known = names.map((name) => {
    const held = model.get(name);
    const tag = held && { ballot: held.ballot, count: held.count, epoch: held.epoch };
    return { has: held !== undefined, got: held, ballot: held?.ballot ?? 0, tag };
  });
  expect(asked).toEqual(known);
}

test('hold what was set last, whatever grows or shrinks', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const records = flatRecordsOf(all);

      expectSame(records, new Map(all));
    }),
  );
});

test('a copy goes its own way', () => {
  fc.assert(
    fc.property(steps, steps, steps, (before, here, there) => {
      const records = flatRecordsOf(before);
      const copy = records.copy();
      for (const [name, one] of here) records.set(name, one);
      for (const [name, one] of there) copy.set(name, one);

      expectSame(records, new Map([...before, ...here]));
      expectSame(copy, new Map([...before, ...there]));
    }),
  );
});

test('what was got does not change any more', () => {
  const records = new FlatRecords();
  const of = (text: string): Accepted =>
    new Accepted(1, 1, { value: text, version: 1, results: '\0', generationFloor: 0 });
  records.set('x', of('before'));
  const got = records.get('x');

  records.set('x', of('after!'));

  expect(got).toEqual(of('before'));
  expect(Buffer.from(bytesOf(records.get('x')?.record.value ?? '')).toString()).toBe('after!');
});

test('what is written over again and again takes no more room', () => {
  const records = new FlatRecords();
  const allocated = jest.spyOn(Buffer, 'allocUnsafeSlow');
  for (let round = 0; round < 20_000; round += 1) {
    const text = 'x'.repeat((37 * round) % 1_000);
    const record = { value: text, version: round, results: '\0', generationFloor: 0 };
    records.set(`name ${String(round % 10)}`, new Accepted(1, round, record));
  }

  // The largest of all ten have 1,000 bytes each.
  expect(Math.max(...allocated.mock.calls.map(([bytes]) => bytes))).toBeLessThan(20_000);
  expect([...records.keys()]).toHaveLength(10);
});
