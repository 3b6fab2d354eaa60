import {
  casRegister,
  check,
  describeOperation,
  explain,
  explanationPage,
  keyValue,
  timelineSvg,
  type Explanation,
  type Failure,
  type Model,
  type Operation,
} from '@jbstore/linearizability';

import { chanceOf, comparisons, randomHistory, uniqueWrites } from './random-histories';

function weakened(operation: Operation): readonly Operation[] {
  if (operation.status === 'fail') return [];
  return [{ ...operation, return: null, status: 'unknown' }];
}

function explanationsOf(model: Model, failures: readonly Failure<Operation>[]) {
  return failures.map((failure) => ({ failure, found: explain(failure, model) }));
}

function failuresOf(model: Model, repertoire: typeof uniqueWrites) {
  const chance = chanceOf(1990);
  return Array.from({ length: 1_000 }, () => randomHistory(chance, repertoire, null)).flatMap(
    (history) => check(history, model).failure ?? [],
  );
}

describe.each([
  ['a register of unique values', keyValue(), uniqueWrites],
  ['compare-and-set', casRegister(null), comparisons],
] as const)('what is wrong with %s', (_, model: Model, repertoire) => {
  const explained = explanationsOf(model, failuresOf(model, repertoire));
  const verdict = (history: readonly Operation[]) => check(history, model).verdict;
  const wrong = (holds: (found: Explanation<Operation>, failure: Failure<Operation>) => boolean) =>
    explained.filter(({ found, failure }) => !holds(found, failure));

  test('is shown by operations that fail, of which each is needed', () => {
    expect(explained.length).toBeGreaterThan(300);
    expect(wrong(({ isSmallest }) => isSmallest)).toStrictEqual([]);
    expect(wrong(({ smallest }) => verdict(smallest) === 'not linearizable')).toStrictEqual([]);
    const isNeeded = (smallest: readonly Operation[], operation: Operation): boolean => {
      const others = smallest.filter((other) => other !== operation);
      const isAnswered = operation.status !== 'unknown';
      return !isAnswered || verdict([...others, ...weakened(operation)]) === 'linearizable';
    };
    expect(
      wrong(({ smallest }) => smallest.every((operation) => isNeeded(smallest, operation))),
    ).toStrictEqual([]);
  });

  test('is wrong whatever becomes of the operations left out', () => {
    const fails = ({ smallest }: Explanation<Operation>, { operations }: Failure<Operation>) => {
      const calls = new Set(smallest.map(({ client }) => client));
      const others = operations.filter(({ client }) => !calls.has(client)).flatMap(weakened);
      return verdict([...smallest, ...others]) === 'not linearizable';
    };

    expect(wrong(fails)).toStrictEqual([]);
  });

  test('is told by the first return that breaks it, and all before is well', () => {
    const isFirst = ({ prefix, unplaced }: Explanation<Operation>): boolean => {
      const others = prefix.filter(({ client }) => client !== unplaced.client);
      return (
        verdict(prefix) === 'linearizable' && verdict([...others, unplaced]) !== 'linearizable'
      );
    };

    expect(wrong(isFirst)).toStrictEqual([]);
  });

  test('leaves an order of the others', () => {
    const ordered = ({ smallest, order, unplaced }: Explanation<Operation>): boolean => {
      const answered = smallest.filter(({ status }) => status !== 'unknown');
      return answered.every((operation) => operation === unplaced || order.includes(operation));
    };

    expect(wrong(ordered)).toStrictEqual([]);
  });
});

const stale: readonly Operation[] = [
  { client: 1, op: 'put', key: 'x', value: '<&>', call: 1, return: 3, status: 'ok' },
  { client: 2, op: 'put', key: 'x', value: 'later', call: 5, return: 7, status: 'ok' },
  { client: 2, op: 'put', key: 'x', value: 'at last', call: 8, return: 20, status: 'ok' },
  { client: 3, op: 'get', key: 'x', value: '<&>', call: 9, return: 11, status: 'ok' },
];

function failureOf(history: readonly Operation[]) {
  const { failure } = check(history, keyValue());
  if (!failure) throw new Error('the history is linearizable');
  return failure;
}

test('a stale read needs the write that it missed, and nothing that came too late to matter', () => {
  const { smallest, unplaced, prefix } = explain(failureOf(stale), keyValue());

  expect(smallest).toStrictEqual([stale[0], stale[1], stale[3]]);
  expect(unplaced).toBe(stale[3]);
  expect(prefix.map(({ return: end }) => end)).toStrictEqual([3, 7, null, null]);
});

test('without time it says so, and what it shows fails all the same', () => {
  const limits = {
    timeoutMs: 1,
    now: (() => {
      let now = 0;
      return () => (now += 1);
    })(),
  };
  const { smallest, isSmallest } = explain(failureOf(stale), keyValue(), limits);

  expect(isSmallest).toBe(false);
  expect(check(smallest, keyValue()).verdict).toBe('not linearizable');
});

describe('the picture', () => {
  const explanation = explain(failureOf(stale), keyValue());
  const page = explanationPage(explanation, {
    title: 'a <history>',
    model: keyValue().name,
    describe: describeOperation,
  });

  test('marks the one that cannot be placed, numbers the others, and escapes what it is given', () => {
    expect(page).toContain('a &lt;history&gt;: not linearizable');
    expect(page).toContain('>✗ get x → &quot;&lt;&amp;&gt;&quot;<');
    expect(page).toContain('>1. put x &quot;&lt;&amp;&gt;&quot;<');
    expect(page).toContain('>2. put x &quot;later&quot;<');
    expect(page).not.toMatch(/(?:src|href)=/);
  });

  test('lets no two bars of a row overlap, and no words leave their bar', () => {
    const history = explanation.prefix.concat(explanation.unplaced);
    const svg = timelineSvg(history, { describe: describeOperation });
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)];
    const places = bars.map(([, x, y, width]) => ({ x: Number(x), y, width: Number(width) }));
    const words = [...svg.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)<\/text><\/g>/g)];

    expect(places).toHaveLength(history.length);
    places.forEach(({ x, y, width }, index) => {
      const others = places.filter((other, at) => at !== index && other.y === y);
      const overlaps = others.filter((other) => other.x < x + width && x < other.x + other.width);
      expect(overlaps).toStrictEqual([]);
      const [, , label = ''] = words[index] ?? [];
      const letters = label.replace(/&\w+;/g, '.').length;
      expect(width).toBeGreaterThanOrEqual(letters * 6.8);
    });
  });
});
