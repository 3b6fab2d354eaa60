import { createHistogram } from 'node:perf_hooks';

import { type Generation, type Workload } from './workload';

/** One store, as its client library shows it to programs. */
export interface StoreClient {
  put(key: string, value: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
}

export interface ClosedLoopParameters {
  /** Requests at a time: the next one is sent when one is answered. */
  readonly inFlight: number;
  readonly milliseconds: number;
  readonly generation: Generation;
}

export interface ClosedLoopResult {
  readonly operations: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How many requests at a time store the keys, before anything is measured. */
const fillInFlight = 64;

/** Stores every key. */
export async function fill(client: StoreClient, workload: Workload): Promise<void> {
  const rest = workload.keys.keys();
  const worker = async (): Promise<void> => {
    for (const index of rest) {
      await client.put(workload.keys[index] ?? '', workload.valueOf(index, 0));
      workload.acknowledge(index, 0);
    }
  };
  await Promise.all(Array.from({ length: fillInFlight }, worker));
}

/**
 * Half puts and half gets of keys drawn by chance, so many at a time. Every answer is checked.
 * @throws an error if a single request failed or returned what it must not
 */
export async function closedLoop(
  client: StoreClient,
  workload: Workload,
  { inFlight, milliseconds, generation }: ClosedLoopParameters,
): Promise<ClosedLoopResult> {
  const latencies = createHistogram();
  const failures: unknown[] = [];

  const operate = async (): Promise<void> => {
    const index = Math.floor(Math.random() * workload.keys.length);
    const key = workload.keys[index] ?? '';
    if (Math.random() < 0.5) {
      await client.put(key, workload.valueOf(index, generation));
      workload.acknowledge(index, generation);
    } else {
      const settled = workload.isAcknowledged(index, generation);
      workload.check(index, await client.get(key), generation, settled);
    }
  };

  const start = performance.now();
  const end = start + milliseconds;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      try {
        await operate();
      } catch (error) {
        failures.push(error);
      }
      const before = now;
      now = performance.now();
      latencies.record(Math.max(1, Math.round((now - before) * 1e6)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsedMs = performance.now() - start;

  if (failures.length > 0) {
    const text = `${failures.length} of ${latencies.count} requests failed`;
    throw new Error(`${text}; the first: ${String(failures[0])}`, { cause: failures[0] });
  }
  return {
    operations: latencies.count,
    elapsedMs,
    p50Ms: latencies.percentile(50) / 1e6,
    p99Ms: latencies.percentile(99) / 1e6,
  };
}
