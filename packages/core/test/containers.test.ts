import { InvariantViolation, Linked, LinkedList, NumberMap, TurnoverMap } from '@jbstore/core';
import fc from 'fast-check';

type Step = { readonly set: number } | { readonly remove: number };

/** Few numbers, so that they meet; far apart and in a row, so that they share places of a table. */
const numbers = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 40 }).map((number) => number * 2 ** 32),
  fc.integer({ min: 0, max: 40 }).map((number) => 2 ** 48 + number),
);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ set: numbers }),
    fc.record({ set: numbers }),
    fc.record({ remove: numbers }),
  ),
  { maxLength: 300, size: 'max' },
);

interface Item {
  readonly number: number;
  readonly step: number;
}

test.each(['NumberMap', 'TurnoverMap'])('a %s holds what a Map holds', (kind) => {
  fc.assert(
    fc.property(steps, (all) => {
      const map = kind === 'NumberMap' ? new NumberMap<Item>() : new TurnoverMap<number, Item>();
      const model = new Map<number, Item>();
      for (const [index, step] of all.entries()) {
        if ('set' in step) {
          const item = { number: step.set, step: index };
          map.set(step.set, item);
          model.set(step.set, item);
        } else {
          expect(map.delete(step.remove)).toBe(model.delete(step.remove));
        }
        expect(map.size).toBe(model.size);
        const others = [...model.keys(), index].filter((one) => map.get(one) !== model.get(one));
        expect(others).toStrictEqual([]);
      }
    }),
  );
});

test('a NumberMap grows, turns over and shrinks without losing anything', () => {
  const map = new NumberMap<Item>();
  const most = 5_000;
  const missed: number[] = [];
  for (let number = 0; number < most; number += 1) map.set(number, { number, step: 0 });
  for (let number = 0; number < 20 * most; number += 1) {
    if (!map.delete(number)) missed.push(number);
    map.set(number + most, { number: number + most, step: 1 });
  }
  expect(map.size).toBe(most);
  for (let number = 20 * most; number < 21 * most - 1; number += 1) {
    const wasThere = map.get(number)?.number === number && map.delete(number);
    if (!wasThere || map.get(number) !== undefined) missed.push(number);
  }
  expect(missed).toStrictEqual([]);
  expect(map.size).toBe(1);
  expect(map.get(21 * most - 1)?.number).toBe(21 * most - 1);
});

test('a TurnoverMap keeps the order of its entries through any turnover, and forgets all when cleared', () => {
  const map = new TurnoverMap<string, number>();
  const missed: number[] = [];
  for (let number = 0; number < 10_000; number += 1) {
    map.set(`key ${String(number)}`, number);
    if (number >= 3 && !map.delete(`key ${String(number - 3)}`)) missed.push(number);
  }
  expect(missed).toStrictEqual([]);
  expect([...map.values()]).toStrictEqual([9_997, 9_998, 9_999]);
  expect(map.has('key 9999')).toBe(true);

  map.clear();

  expect([map.size, map.has('key 9999')]).toStrictEqual([0, false]);
});

class Guest extends Linked<Guest> {}

describe('a linked list', () => {
  test('holds what was added and not removed, in order', () => {
    const guests = Array.from({ length: 8 }, () => new Guest());
    const commands = fc.array(fc.tuple(fc.nat(guests.length - 1), fc.boolean()));
    fc.assert(
      fc.property(commands, (all) => {
        const list = new LinkedList<Guest>();
        const model: Guest[] = [];
        for (const [index, adds] of all) {
          const guest = guests[index] ?? new Guest();
          const place = model.indexOf(guest);
          if (!adds) expect(list.remove(guest)).toBe(place >= 0);
          if (!adds && place >= 0) model.splice(place, 1);
          if (adds && place < 0) {
            list.add(guest);
            model.push(guest);
          }
          expect(list.all()).toStrictEqual(model);
          expect([list.first, list.last, list.size]).toStrictEqual([
            model[0],
            model.at(-1),
            model.length,
          ]);
        }
        for (const guest of list.all()) list.remove(guest);
      }),
    );
  });

  test('lets go of the neighbours of what is removed', () => {
    const list = new LinkedList<Guest>();
    const guests = [new Guest(), new Guest(), new Guest()] as const;
    for (const guest of guests) list.add(guest);

    list.remove(guests[1]);

    expect([guests[1].before, guests[1].after, guests[1].list]).toStrictEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('takes nothing that stands in a list, and gives nothing that stands in another', () => {
    const [one, other] = [new LinkedList<Guest>(), new LinkedList<Guest>()];
    const guest = new Guest();
    one.add(guest);

    expect(() => {
      other.add(guest);
    }).toThrow(InvariantViolation);
    expect(other.remove(guest)).toBe(false);
    expect(one.size).toBe(1);
  });
});
