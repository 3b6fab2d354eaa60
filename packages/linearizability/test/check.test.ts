import {
  check,
  casRegister,
  keyValue,
  mutex,
  type Algorithm,
  type Model,
  type Operation,
} from '@jbstore/linearizability';

import {
  appends,
  chanceOf,
  comparisons,
  isLinearizable,
  locking,
  randomHistory,
  uniqueWrites,
} from './random-histories';

describe('all algorithms agree with the definition on small random histories', () => {
  const kinds = [
    ['reads and unique writes', uniqueWrites, keyValue(), 40_000, ['search', 'zones']],
    ['compare-and-set, Porcupine', comparisons, casRegister(null), 20_000, ['search']],
    ['compare-and-set, Knossos', comparisons, casRegister(null, 'knossos'), 10_000, ['search']],
    ['append and delete', appends, keyValue(), 20_000, ['search']],
    ['a mutex', locking, mutex(), 10_000, ['search']],
  ] as const;

  test.each(kinds)('%s', (_, repertoire, model: Model, count, algorithms) => {
    const chance = chanceOf(20_170_918);
    let bad = 0;
    const wrong: unknown[] = [];
    for (let round = 0; round < count; round += 1) {
      const history = randomHistory(chance, repertoire, null);
      const expected = isLinearizable(history, model);
      if (!expected) bad += 1;
      for (const algorithm of algorithms satisfies readonly Algorithm[]) {
        const { verdict } = check<Operation, unknown>(history, model, { algorithm });
        if ((verdict === 'linearizable') !== expected) wrong.push({ history, algorithm, verdict });
      }
    }

    expect(wrong).toStrictEqual([]);
    expect(bad / count).toBeGreaterThan(0.4);
    expect(bad / count).toBeLessThan(0.6);
  });
});
