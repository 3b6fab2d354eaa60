import { check, keyValue, type Operation } from '@jbstore/linearizability';

import { Simulation, scenarios, type Outcome } from '../src';
import { flawOfHistory } from '../src/verdict';

function forced(seed: string): Outcome {
  const [force] = scenarios.filter(({ name }) => name === 'force');
  if (!force) throw new Error('there is such a scenario');
  return new Simulation(force, seed).run();
}

describe('a cluster that has lost a majority for good, and is forced', () => {
  test.each(['1', '2', '3', '4', '5', '6'])('goes on in another era: seed %s', (seed) => {
    const { verdict, failure, probes } = forced(seed);

    expect({ verdict, failure }).toEqual({ verdict: 'passed', failure: undefined });
    expect(probes['another era began']).toBeGreaterThan(0);
  });

  test('may have lost what was answered, and is linearizable in each era', () => {
    const mostSeeds = 80;
    for (let seed = 7; seed <= mostSeeds; seed += 1) {
      const { verdict, failure, history } = forced(String(seed));

      expect({ seed, verdict, failure }).toEqual({ seed, verdict: 'passed', failure: undefined });
      if (check(history, keyValue()).verdict === 'not linearizable') return;
    }
    throw new Error(`nothing was lost in ${String(mostSeeds)} seeds`);
  }, 180_000);
});

describe('a history of two eras', () => {
  let clients = 0;
  const answered = (at: number) =>
    ({ key: 'a', client: clients++, status: 'ok', call: at, return: at + 1 }) as const;
  const put = (at: number, value: string): Operation => ({ op: 'put', value, ...answered(at) });
  const get = (at: number, value: string | null): Operation => ({
    op: 'get',
    value,
    ...answered(at),
  });
  const count = (at: number, value: string): Operation => ({
    op: 'increment',
    value,
    ...answered(at),
  });
  /** What is called from 100 on is answered in the second one. */
  const flawOf = (...history: readonly Operation[]): string | undefined => {
    const flaw = flawOfHistory(history, ({ call }) => (call < 100 ? 0 : 1));
    return typeof flaw === 'object' ? flaw.kind : flaw;
  };

  test('may go back to what was there in the first, or to nothing', () => {
    expect(flawOf(put(1, 'v'), put(3, 'w'), get(5, 'w'), get(101, 'w'))).toBeUndefined();
    expect(flawOf(put(1, 'v'), put(3, 'w'), get(5, 'w'), get(101, 'v'))).toBeUndefined();
    expect(flawOf(put(1, 'v'), put(3, 'w'), get(5, 'w'), get(101, null))).toBeUndefined();
    expect(flawOf(count(1, '1'), count(3, '2'), count(101, '2'), get(103, '2'))).toBeUndefined();
  });

  test('is none of what nobody asked for', () => {
    expect(flawOf(put(1, 'v'), get(101, 'w'))).toBe('not linearizable');
    expect(flawOf(count(1, '1'), count(101, '3'))).toBe('not linearizable');
  });

  test('is linearizable in each of them, and goes back within none', () => {
    expect(flawOf(put(1, 'v'), put(3, 'w'), get(5, 'v'))).toBe('not linearizable');
    expect(flawOf(put(1, 'v'), put(101, 'w'), get(103, null))).toBe('not linearizable');
    expect(flawOf(put(101, 'w'), put(103, 'x'), get(105, 'w'))).toBe('not linearizable');
    expect(flawOf(count(1, '1'), count(101, '1'), count(103, '2'), get(105, '1'))).toBe(
      'invariant',
    );
  });

  test('was not known of in the first', () => {
    expect(flawOf(get(1, 'w'), put(101, 'w'))).toBe('not linearizable');
  });
});
