import { Component, Random, Start, type Context } from '@jbstore/core';
import { ProcessId, address } from '@jbstore/network/port';

import { cut, standard } from '../src';
import { Calendar } from '../src/calendar';
import { castOf } from '../src/draw-plan';
import type { CutShape, Order } from '../src/plan';
import { SimulatedProcess } from '../src/simulated-process';

/** Notes when it begins. */
class Beginner extends Component {
  constructor(context: Context, name: string, begun: string[]) {
    super(context);
    this.control.upon(Start, () => begun.push(name));
  }
}

test('an order by chance, or by priorities that change, is another one for another seed', () => {
  const orderOf = (order: Order, seed: string): string => {
    const calendar = new Calendar(order, new Random(seed));
    const done: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const lane = calendar.lane(name);
      for (let task = 0; task < 4; task += 1) lane.after(10, () => done.push(name));
    }
    while (calendar.step(10));
    return done.join('');
  };
  const byPriority = orderOf({ kind: 'priorities', changes: [] }, 'one');
  const changed = orderOf({ kind: 'priorities', changes: [2] }, 'one');

  expect(
    new Set(['one', 'two', 'one'].map((seed) => orderOf({ kind: 'random' }, seed))),
  ).toHaveProperty('size', 2);
  expect(byPriority).toMatch(/^(?:(.)\1{3}){6}$/);
  expect(orderOf({ kind: 'priorities', changes: [] }, 'two')).not.toBe(byPriority);
  // Whoever had the second turn has no other before all others are done.
  expect(changed.slice(0, 2)).toBe(byPriority.slice(0, 2));
  expect(changed.slice(-2)).toBe(byPriority.slice(0, 2));
});

test('components of a process that are ready at one time have their turns in an order of the seed', () => {
  const orderOf = (seed: string): string => {
    const calendar = new Calendar({ kind: 'random' }, new Random('order'));
    const nothing = (): void => undefined;
    const around = { seed, send: nothing, handles: nothing, failed: nothing };
    const self = address({ id: ProcessId.parse('p') });
    const process = new SimulatedProcess('p', self, 'ours', calendar.lane('p'), around);
    const begun: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) process.system.create(Beginner, name, begun);
    process.start();
    while (calendar.step(0));
    return begun.join('');
  };

  expect(orderOf('one')).toHaveLength(6);
  expect(orderOf('one')).toBe(orderOf('one'));
  expect(orderOf('one')).not.toBe(orderOf('two'));
});

describe('a cut that is drawn', () => {
  const cast = castOf(standard);
  const cuts = Array.from({ length: 100 }, (_, seed) =>
    cut(new Random(String(seed)), 0, cast),
  ).flat();
  const ways = (shape: CutShape): readonly (readonly string[])[] =>
    cuts.flatMap((drawn) =>
      drawn.kind === 'cut' && drawn.shape === shape
        ? [drawn.directions.map(([from, to]) => `${from} ${to}`)]
        : [],
    );
  const isBothWays = (some: readonly string[]): boolean =>
    some.every((way) => some.includes(way.split(' ').reverse().join(' ')));

  test.each(['split', 'isolation', 'partial', 'ring'] as const)('as %s goes both ways', (shape) => {
    expect(ways(shape).length).toBeGreaterThan(5);
    expect(ways(shape).filter((some) => !isBothWays(some))).toEqual([]);
  });

  test('one-way goes one way', () => {
    expect(ways('one-way').length).toBeGreaterThan(5);
    expect(ways('one-way').filter((some) => some.length !== 1)).toEqual([]);
  });

  test('as ring leaves each node two neighbours, and as isolation nobody', () => {
    const counts = (shape: CutShape): Set<number> =>
      new Set(ways(shape).map((some) => some.length));

    expect(counts('ring')).toEqual(new Set([5 * 2]));
    expect(counts('isolation')).toEqual(new Set([2 * (4 + 8)]));
  });
});
