import { join } from 'node:path';

import fc from 'fast-check';

import { Simulation, merge, quiet, sweep, type SweepOptions, type Totals } from '../src';
import { failureOnly, nothing, totalsOf } from '../src/totals';

/** Jest gives Node no words by which another process would find the sources. */
const execArgv = ['-C', 'source', '-r', 'ts-node/register'];
const program = join(__dirname, 'sweep-worker.ts');

function swept(options: Partial<SweepOptions> = {}) {
  const seeds = { first: 1, last: 10 };
  return sweep({ scenario: 'calm', seeds, program, execArgv, workers: 2, ...options });
}

const count = fc.nat({ max: 100 });
const someTotals = fc.record({
  seeds: count,
  verdicts: fc.record({ passed: count, failed: count, unknown: count }),
  repeated: count,
  events: count,
  virtualMs: count,
  operations: fc.record({ ok: count, unavailable: count, unknown: count }),
  faults: fc.dictionary(fc.constantFrom('crash', 'cut', 'loss'), count, { noNullPrototype: true }),
  probes: fc.dictionary(fc.constantFrom('a', 'b', 'c'), count, { noNullPrototype: true }),
  traceHash: fc
    .bigInt({ min: 0n, max: 2n ** 64n - 1n })
    .map((bits) => bits.toString(16).padStart(16, '0')),
  failures: fc.constant([]),
}) satisfies fc.Arbitrary<Totals>;

describe('totals', () => {
  test('are the same in whichever order seeds are merged', () => {
    fc.assert(
      fc.property(someTotals, someTotals, someTotals, (one, two, three) => {
        expect(merge(one, two)).toEqual(merge(two, one));
        expect(merge(merge(one, two), three)).toEqual(merge(one, merge(two, three)));
        expect(merge(one, nothing)).toEqual(one);
      }),
    );
  });

  test('of one seed are those of its run', () => {
    const outcome = new Simulation(quiet, '7').run();

    const totals = totalsOf(7, outcome);

    expect(totals).toMatchObject({ seeds: 1, verdicts: { passed: 1 }, events: outcome.events });
    expect(merge(nothing, totals).traceHash).toBe(outcome.traceHash);
  });

  test('list failures by seed, and count a rare path that was never taken', () => {
    const broken = (seed: number) => failureOnly({ seed, kind: 'exception', what: 'it threw' });

    const totals = [7, 30, 4].map(broken).reduce(merge);

    expect(totals.failures.map(({ seed }) => seed)).toEqual([4, 7, 30]);
    expect(
      merge({ ...nothing, probes: { a: 0 } }, { ...nothing, probes: { a: 0 } }).probes,
    ).toEqual({
      a: 0,
    });
  });
});

describe('a sweep', () => {
  test('runs every seed once, and one in twenty twice, however many workers there are', async () => {
    const seeds = { first: 5, last: 45 };

    const [alone, together] = await Promise.all([
      swept({ seeds, workers: 1 }),
      swept({ seeds, workers: 3 }),
    ]);

    expect(alone.totals).toEqual({
      ...nothing,
      seeds: 41,
      verdicts: { passed: 41, failed: 0, unknown: 0 },
      repeated: 3,
      events: 410,
      virtualMs: 4_100,
      operations: { ok: 123, unavailable: 41, unknown: 0 },
      faults: { crash: 82 },
      probes: { often: 41, never: 0 },
      traceHash: '0000000000000005',
    });
    expect(together.totals).toEqual(alone.totals);
    expect(together.left).toBeUndefined();
  });

  test('goes on when a run throws, its process dies, or it never ends, and says which seed it was', async () => {
    const { totals, left } = await swept({ scenario: 'troubled', seedLimitMs: 8_000 });

    expect(totals.verdicts).toEqual({ passed: 5, failed: 4, unknown: 1 });
    expect(totals.failures.map(({ seed, kind }) => [seed, kind])).toEqual([
      [2, 'exception'],
      [4, 'worker ended'],
      [6, 'too slow'],
      [8, 'invariant'],
    ]);
    expect(totals.failures[0]?.what).toContain('the run threw');
    expect(totals.failures[1]?.what).toBe('it ended by SIGKILL: last words');
    expect(left).toBeUndefined();
  });

  test('fails if the same seed has another trace hash the second time', async () => {
    const { totals } = await swept({ scenario: 'fickle' });

    expect(totals).toMatchObject({ seeds: 10, verdicts: { passed: 9, failed: 1 }, repeated: 1 });
    expect(totals.failures).toMatchObject([{ seed: 1, kind: 'not repeatable' }]);
  });

  test('ends when it is told to, finishes what was begun, and says what is left', async () => {
    const enough = new AbortController();
    const onProgress = ({ seeds }: Totals): void => {
      if (seeds === 4) enough.abort();
    };

    const { totals, left } = await swept({ workers: 1, signal: enough.signal, onProgress });

    expect({ done: totals.seeds, left }).toEqual({ done: 4, left: { first: 5, last: 10 } });
  });

  test('begins no more seeds after a failure, if that is wanted', async () => {
    const options = { scenario: 'troubled', workers: 1, stopsAtFailure: true };

    expect(await swept(options)).toMatchObject({
      totals: { seeds: 2, failures: [{ seed: 2 }] },
      left: { first: 3, last: 10 },
    });
  });

  test('with a program that is none says so, and does not try for every seed', async () => {
    const hopeless = swept({ program: join(__dirname, 'nowhere.ts') });

    await expect(hopeless).rejects.toMatchObject({
      code: 'ERR_WORKER_START',
      message: expect.stringContaining('Cannot find module') as string,
    });
  });

  test('runs the scenarios of this package if nothing else is said', async () => {
    const { totals } = await sweep({ scenario: 'quiet', seeds: { first: 7, last: 7 }, execArgv });

    expect(totals).toMatchObject({ repeated: 1, verdicts: { passed: 1 } });
    expect(totals.traceHash).toBe(new Simulation(quiet, '7').run().traceHash);
  });
});
