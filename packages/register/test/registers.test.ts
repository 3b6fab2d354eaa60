import { InvariantViolation } from '@jbstore/core';
import fc from 'fast-check';

import { Group, sizeOf } from '../src/group';
import { bytesOf } from '../src/kept';
import { Registers } from '../src/registers';
import { neverWritten, timestampAfter } from '../src/timestamp';
import { addressOf, addresses } from './processes';

/** Few names, of all lengths and first bits, so that they meet. */
const name = fc.string({
  unit: fc.constantFrom('\x00', '\x01', '\x3f', '\x40', 'a', '\xff'),
  maxLength: 4,
});

describe('registers held by one process', () => {
  test('a copy has the value of the highest timestamp that reached it, in whatever order', () => {
    const write = fc.record({ register: name, timestamp: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const registers = new Registers();
        const highest = new Map<string, number>();
        for (const { register, timestamp } of writes) {
          registers.store(register, timestamp, Buffer.alloc(timestamp, timestamp));
          highest.set(register, Math.max(timestamp, highest.get(register) ?? 0));
        }

        const held = [...highest.keys()].map((register) => [
          register,
          registers.find(register)?.timestamp,
        ]);
        expect(new Map(held as [string, number][])).toStrictEqual(highest);
        expect(registers.size).toBe(highest.size);
        const bytes = [...highest].reduce((sum, [key, length]) => sum + key.length + length, 0);
        expect(registers.bytes).toBe(bytes);
      }),
    );
  });

  test('lists the names between two bounds in the order of their bytes, up to a limit', () => {
    const bounds = fc.tuple(
      name,
      fc.option(name, { nil: undefined }),
      fc.integer({ min: 1, max: 5 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name), bounds, (names, [after, until, limit]) => {
        const registers = new Registers();
        for (const register of names) registers.store(register, 1, Buffer.from('v'));

        const within = names
          .filter((one) => one > after && (until === undefined || one < until))
          .sort((one, other) => Buffer.compare(latin1(one), latin1(other)));
        expect(registers.list(after, until, limit)).toStrictEqual({
          names: within.slice(0, limit),
          more: within.length > limit,
        });
      }),
    );
  });

  test.each([0, 1, 100, 1_024, 1_025, 70_000])('keeps a copy of a value of %d bytes', (length) => {
    const registers = new Registers();
    const frame = Buffer.from(Array.from({ length: length + 10 }, (_, index) => index * 7));
    const value = frame.subarray(5, 5 + length);
    const before = Buffer.from(value);
    registers.store('x', 1, value);
    frame.fill(0);

    const kept = registers.find('x')?.value;
    expect(Buffer.from(bytesOf(kept ?? 'none'))).toStrictEqual(before);
  });

  test('a name that is no byte string is a fault of who made it', () => {
    expect(() => {
      new Registers().store('\u1000', 1, Buffer.from('v'));
    }).toThrow(InvariantViolation);
  });
});

describe('timestamps', () => {
  test('the next one of any writer is higher in its counter, and of that writer alone', () => {
    const rank = fc.integer({ min: 0, max: 31 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 46 }), rank, rank, (counter, one, other) => {
        const before = counter === 0 ? neverWritten : timestampAfter((counter - 1) * 32, one);
        const after = timestampAfter(before, other);
        expect(after).toBeGreaterThan(before);
        expect(Math.floor(after / 32)).toBe(Math.floor(before / 32) + 1);
        expect(after % 32).toBe(other);
      }),
    );
  });
});

describe('groups', () => {
  test('any two majorities meet, and a minority that crashed leaves one', () => {
    for (let count = 1; count <= 32; count += 1) {
      const group = new Group(addresses(count), addressOf(0));
      expect(2 * group.majority).toBeGreaterThan(count);
      expect(count - (Math.ceil(count / 2) - 1)).toBeGreaterThanOrEqual(group.majority);
    }
  });

  test('a set has as many members as were put in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 31 })), (ranks) => {
        expect(sizeOf(ranks.reduce((set, rank) => set | (1 << rank), 0))).toBe(ranks.length);
      }),
    );
  });

  test.each([
    ['none', []],
    ['a process twice', [...addresses(2), ...addresses(1)]],
    ['33 of them', addresses(33)],
  ])('refuses %s as members', (_name, members) => {
    expect(() => new Group(members, addressOf(0))).toThrow(InvariantViolation);
  });
});

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
