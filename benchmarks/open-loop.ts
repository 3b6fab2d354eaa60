import { setTimeout as delay } from 'node:timers/promises';

import { Latencies, type LoopResult } from './latencies';
import { type StoreClient } from './store-subject';
import { type Generation, type Workload } from './workload';

export interface OpenLoopParameters {
  readonly ratePerSecond: number;
  readonly milliseconds: number;
  readonly generation: Generation;
}

/** When the requests of an open loop are due: at equal distances, the first at once. */
export class Schedule {
  readonly requests: number;
  readonly #ratePerSecond: number;

  /** @param ratePerSecond - at least 1 */
  constructor(ratePerSecond: number, milliseconds: number) {
    this.requests = Math.ceil((ratePerSecond * milliseconds) / 1_000);
    this.#ratePerSecond = ratePerSecond;
  }

  /** After the start. @param request - the first is 0 */
  dueMs(request: number): number {
    return (request * 1_000) / this.#ratePerSecond;
  }
}

/**
 * Requests of `workload` at a fixed rate, whatever becomes of those before. Latency counts from when a request
 * was due, sent or not: a store that stalls delays all who would have come meanwhile, and a loop that waits
 * with it would leave these out (Tene's "coordinated omission"). Requests that fall due within a millisecond
 * are sent together.
 * @throws an error if a single request failed or returned what it must not
 */
export async function openLoop(
  client: StoreClient,
  workload: Workload,
  { ratePerSecond, milliseconds, generation }: OpenLoopParameters,
): Promise<LoopResult> {
  const schedule = new Schedule(ratePerSecond, milliseconds);
  const latencies = new Latencies();
  const start = performance.now();
  let unanswered = 0;
  const request = async (dueMs: number): Promise<void> => {
    unanswered += 1;
    try {
      await workload.request(client, generation);
    } catch (error) {
      latencies.fail(error);
    }
    unanswered -= 1;
    latencies.record(performance.now() - start - dueMs);
  };
  for (let sent = 0; sent < schedule.requests || unanswered > 0;) {
    const nowMs = performance.now() - start;
    for (; sent < schedule.requests && schedule.dueMs(sent) <= nowMs; sent += 1) {
      void request(schedule.dueMs(sent));
    }
    await delay(1);
  }
  return latencies.result(performance.now() - start);
}
