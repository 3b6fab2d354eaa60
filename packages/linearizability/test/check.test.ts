import {
  check,
  casRegister,
  keyValue,
  modelNamed,
  mutex,
  register,
  type Algorithm,
  type Interval,
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
  repeatedWrites,
  uniqueWrites,
} from './random-histories';

// A hundred thousand histories take some ten seconds of a processor that has nothing else to do.
jest.setTimeout(60_000);

describe('all algorithms agree with the definition on small random histories', () => {
  const kinds = [
    ['reads and unique writes', uniqueWrites, keyValue(), 40_000, ['search', 'zones']],
    ['reads and repeated writes', repeatedWrites, register(null), 10_000, ['search', 'auto']],
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

test('zones and the search agree on histories that are too long for the definition', () => {
  const chance = chanceOf(1997);
  let bad = 0;
  const wrong: unknown[] = [];
  for (let round = 0; round < 1_000; round += 1) {
    const history = randomHistory(chance, uniqueWrites, null, 40 + chance(40), 40);
    const [byZones, bySearch] = (['zones', 'search'] as const).map((algorithm) => {
      const { verdict, failure } = check(history, keyValue(), { algorithm });
      return { verdict, unplaced: failure?.unplaced };
    });
    if (byZones?.verdict === 'not linearizable') bad += 1;
    if (byZones?.verdict !== bySearch?.verdict) wrong.push(history);
    if (byZones?.unplaced !== bySearch?.unplaced) wrong.push(history);
  }

  expect(wrong).toStrictEqual([]);
  expect(bad).toBeGreaterThan(300);
  expect(bad).toBeLessThan(700);
});

describe('what the models say', () => {
  const at = (time: number): Pick<Operation, 'client' | 'call' | 'return' | 'status'> => ({
    client: 1,
    call: 2 * time,
    return: 2 * time + 1,
    status: 'ok',
  });
  const lost = { client: 9, call: 0, return: null, status: 'unknown' } as const;
  const verdict = (name: string, history: readonly Operation[]) =>
    check(history, modelNamed(name)).verdict;

  test.each<[string, readonly Operation[], string]>([
    [
      'kv',
      [
        { op: 'increment', value: 1, ...at(0) },
        { op: 'get', value: '1', ...at(1) },
      ],
      'linearizable',
    ],
    [
      'kv',
      [
        { op: 'increment', value: 1, ...at(0) },
        { op: 'get', value: 1, ...at(1) },
      ],
      'linearizable',
    ],
    ['kv', [{ op: 'increment', value: 2, ...at(0) }], 'not linearizable'],
    [
      'kv',
      [
        { op: 'increment', by: 5, value: null, ...lost },
        { op: 'get', value: '5', ...at(1) },
      ],
      'linearizable',
    ],
    [
      'kv',
      [
        { op: 'put', value: 'a', ...at(0) },
        { op: 'increment', value: 1, ...at(1) },
      ],
      'not linearizable',
    ],
    [
      'kv',
      [
        { op: 'put', value: '7', ...at(0) },
        { op: 'increment', by: -2, value: '5', ...at(1) },
      ],
      'linearizable',
    ],
    [
      'kv',
      [
        { op: 'put', value: 'a', ...at(0) },
        { op: 'delete', ...at(1) },
        { op: 'get', value: null, ...at(2) },
      ],
      'linearizable',
    ],
    [
      'kv',
      [
        { op: 'delete', ...lost },
        { op: 'put', value: 'a', ...at(0) },
        { op: 'get', value: null, ...at(2) },
      ],
      'linearizable',
    ],
    [
      'kv',
      [
        { op: 'put', key: 'y', value: 1, ...at(0) },
        { op: 'get', key: 'x', value: null, ...at(1) },
      ],
      'linearizable',
    ],
    [
      'kv-append',
      [
        { op: 'get', value: '', ...at(0) },
        { op: 'append', value: 'b', ...at(1) },
        { op: 'get', value: 'b', ...at(2) },
      ],
      'linearizable',
    ],
    [
      'multi-register(x=0,y=1)',
      [
        {
          op: 'txn',
          txn: [
            ['read', 'x', 0],
            ['write', 'x', 2],
            ['read', 'x', 2],
            ['read', 'y', 1],
            ['read', 'z', null],
          ],
          ...at(0),
        },
      ],
      'linearizable',
    ],
    [
      'multi-register(x=0,y=1)',
      [
        { op: 'txn', txn: [['write', 'x', 1]], ...lost },
        {
          op: 'txn',
          txn: [
            ['read', 'y', 1],
            ['read', 'x', 2],
          ],
          ...at(0),
        },
      ],
      'not linearizable',
    ],
    [
      'multi-register(0)/knossos-semantics',
      [{ op: 'txn', txn: [['read', 'x', null]], ...at(0) }],
      'linearizable',
    ],
    [
      'multi-register(0)',
      [{ op: 'txn', txn: [['read', 'x', null]], ...at(0) }],
      'not linearizable',
    ],
    [
      'mutex',
      [
        { op: 'acquire', ...at(0) },
        { op: 'acquire', ...at(1) },
      ],
      'not linearizable',
    ],
    [
      'mutex',
      [
        { op: 'acquire', ...at(0) },
        { op: 'acquire', key: 'other', ...at(1) },
      ],
      'linearizable',
    ],
    [
      'mutex',
      [
        { op: 'acquire', ...at(0) },
        { op: 'release', ...lost },
        { op: 'acquire', ...at(1) },
      ],
      'linearizable',
    ],
    [
      'cas-register(0)',
      [{ op: 'cas', from: 0, to: 1, ...at(0), status: 'fail' }],
      'not linearizable',
    ],
    [
      'cas-register(0)/knossos-semantics',
      [{ op: 'cas', from: 0, to: 1, ...at(0), status: 'fail' }],
      'linearizable',
    ],
    ['cas-register(0)/knossos-semantics', [{ op: 'read', value: null, ...at(0) }], 'linearizable'],
    ['register("a b")', [{ op: 'read', value: 'a b', ...at(0) }], 'linearizable'],
    ['register(true)', [{ op: 'read', value: true, ...at(0) }], 'linearizable'],
  ])('%s: %j is %s', (name, history, expected) => {
    expect(verdict(name, history)).toBe(expected);
  });

  test.each([
    ['register', { op: 'cas', from: 1, to: 2, ...at(0) }],
    ['kv', { op: 'acquire', ...at(0) }],
    ['mutex', { op: 'read', value: 1, ...at(0) }],
    ['multi-register(0)', { op: 'append', value: 'a', ...at(0) }],
  ] as const)('%s refuses what it does not know: %j', (name, operation) => {
    expect(() => verdict(name, [operation])).toThrow(`knows no ${operation.op}`);
  });

  test('an operation that returns before it is called is in no history', () => {
    const backwards: Operation = { op: 'write', value: 1, ...at(0), call: 5 };

    expect(() => verdict('register', [backwards])).toThrow('it returns before it is called');
  });
});

test('a model of which a step may leave several states follows all of them', () => {
  interface Draw extends Interval {
    readonly op: 'shuffle' | 'see';
    readonly card?: number;
  }
  const cards: Model<Draw, number> = {
    name: 'cards',
    init: 0,
    step: (top, { op, card }) => (op === 'shuffle' ? [1, 2, 3] : top === card ? [top] : []),
    reads: ({ op }) => op === 'see',
  };
  const done = (op: Draw['op'], time: number, card = 0): Draw => {
    return { client: 1, op, card, call: 2 * time, return: 2 * time + 1, status: 'ok' };
  };
  const verdict = (history: readonly Draw[]) => check<Draw, number>(history, cards).verdict;

  expect(verdict([done('shuffle', 0), done('see', 1, 2), done('see', 2, 2)])).toBe('linearizable');
  expect(verdict([done('shuffle', 0), done('see', 1, 2), done('see', 2, 3)])).toBe(
    'not linearizable',
  );
  expect(verdict([done('shuffle', 0), done('see', 1, 4)])).toBe('not linearizable');
});

test('pending operations that nobody notices cost next to nothing', () => {
  const pending = Array.from({ length: 60 }, (_, client): readonly Operation[] => {
    const lost = { client, call: client, return: null, status: 'unknown' } as const;
    return [
      { op: 'write', value: client, ...lost },
      { op: 'read', value: null, ...lost, client: client + 100 },
    ];
  }).flat();
  const odd: Operation = { client: 999, op: 'read', value: -1, call: 70, return: 71, status: 'ok' };

  const found = check([...pending, odd], register(null), {
    algorithm: 'search',
    memoryBytes: 1_000_000,
  });

  expect(found).toMatchObject({ verdict: 'not linearizable', configurations: 60 });
});

describe('limits', () => {
  /** Appends in any order, and a read that fits none: all orders have to be tried. */
  const hard = Array.from({ length: 20 }, (_, client): Operation => {
    return { client, op: 'append', value: `${client}.`, call: 0, return: 9, status: 'ok' };
  }).concat({ client: 99, op: 'get', value: '?', call: 10, return: 11, status: 'ok' });

  test('of time: the caller tells it, and the verdict is unknown when it is over', () => {
    let readings = 0;
    const now = () => (readings += 1);

    const found = check(hard, keyValue(), { timeoutMs: 10, now });

    expect(found).toMatchObject({ verdict: 'unknown', shortage: 'time' });
    expect(readings).toBe(11);
  });

  test('of memory: the verdict is unknown when it is full', () => {
    let readings = 0;
    const now = () => (readings += 1);

    const found = check(hard, keyValue(), { memoryBytes: 1_000_000, timeoutMs: 10_000, now });

    expect(found).toMatchObject({ verdict: 'unknown', shortage: 'memory' });
    expect(found.configurations).toBeLessThan(20_000);
  });

  test('what is wrong in another part is found all the same', () => {
    const stale: Operation = {
      client: 100,
      op: 'get',
      key: 'z',
      value: 'never written',
      call: 20,
      return: 21,
      status: 'ok',
    };
    const found = check([...hard, stale], keyValue(), { memoryBytes: 1_000_000 });

    expect(found).toMatchObject({ verdict: 'not linearizable', failure: { part: 'z' } });
  });

  test('an algorithm that does not apply says why', () => {
    expect(() => check(hard, keyValue(), { algorithm: 'zones' })).toThrow(
      'the history has operations other than reads and writes',
    );
    const writes = [1, 2, 1].map((value, client): Operation => {
      return { client, op: 'write', value, call: client, return: 9, status: 'ok' };
    });
    expect(() => check(writes, register(null), { algorithm: 'zones' })).toThrow(
      'a value is written twice, or was there first',
    );
  });
});
