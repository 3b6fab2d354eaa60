import fc from 'fast-check';

import { closedLoop } from '../closed-loop';
import { openLoop, Schedule } from '../open-loop';
import { type StoreClient } from '../store-subject';
import { Workload } from '../workload';

describe('a loop', () => {
  const common = { milliseconds: 50, generation: 1 } as const;
  const loops = {
    closed: (client: StoreClient, workload: Workload) =>
      closedLoop(client, workload, { ...common, inFlight: 4 }),
    open: (client: StoreClient, workload: Workload) =>
      openLoop(client, workload, { ...common, ratePerSecond: 2_000 }),
  };

  test.each(['closed', 'open'] as const)(
    'that is %s fails when a store forgets, changes or refuses',
    async (kind) => {
      const honest = new Map<string, Uint8Array>();
      const put = (key: string, value: Uint8Array): Promise<void> =>
        Promise.resolve(void honest.set(key, value));
      const get = (key: string): Promise<Uint8Array | undefined> =>
        Promise.resolve(honest.get(key));
      const forgetful: StoreClient = { put, get: () => Promise.resolve(undefined) };
      const stale: StoreClient = { put: () => Promise.resolve(), get };
      const cutting: StoreClient = { put, get: async (key) => (await get(key))?.subarray(1) };
      const refusing: StoreClient = { put, get: () => Promise.reject(new Error('no')) };
      const run = async (client: StoreClient): Promise<number> => {
        const workload = new Workload({ keys: 10, keyBytes: 16, valueBytes: 100 });
        await workload.hold({ put, get }, 10);
        return (await loops[kind](client, workload)).operations;
      };

      await expect(run({ put, get })).resolves.toBeGreaterThan(0);
      for (const client of [forgetful, stale, cutting, refusing]) {
        await expect(run(client)).rejects.toThrow(/requests failed/);
      }
    },
  );
});

describe('the schedule of an open loop', () => {
  test('has the requests that are due before its end, as many in every second', () => {
    const rate = fc.integer({ min: 1, max: 1_000_000 });
    const duration = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(rate, duration, fc.nat(1_000_000), (ratePerSecond, milliseconds, any) => {
        const schedule = new Schedule(ratePerSecond, milliseconds);

        expect(schedule.dueMs(0)).toBe(0);
        expect(schedule.dueMs(schedule.requests - 1)).toBeLessThan(milliseconds);
        expect(schedule.dueMs(schedule.requests)).toBeGreaterThanOrEqual(milliseconds);
        expect(schedule.dueMs(any + 1)).toBeGreaterThan(schedule.dueMs(any));
        const afterOneSecond = schedule.dueMs(any + ratePerSecond) - schedule.dueMs(any);
        expect(afterOneSecond).toBeCloseTo(1_000, 6);
      }),
    );
  });
});

describe('the open loop', () => {
  test('charges a store that stalls for every request that was due meanwhile', async () => {
    const stallMs = 100;
    const workload = new Workload({ keys: 1, keyBytes: 16, valueBytes: 100 });
    let value: Buffer | undefined;
    let stalled = false;
    const stalling: StoreClient = {
      put: (_, stored) => {
        stall();
        value = stored;
        return Promise.resolve();
      },
      get: () => {
        stall();
        return Promise.resolve(value);
      },
    };
    const stall = (): void => {
      const end = performance.now() + (stalled || !value ? 0 : stallMs);
      stalled ||= value !== undefined;
      while (performance.now() < end) continue;
    };
    await workload.hold(stalling, 1);

    // All but the first are due while the store stalls, and half of them by the middle of that.
    const parameters = { ratePerSecond: 1_000, milliseconds: stallMs, generation: 1 } as const;
    const { operations, p50Ms } = await openLoop(stalling, workload, parameters);

    expect(operations).toBe(100);
    expect(p50Ms).toBeGreaterThan(stallMs / 3);
  });
});
