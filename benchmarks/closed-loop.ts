import { Latencies, type LoopResult } from './latencies';
import { type StoreClient } from './store-subject';
import { type Generation, type Workload } from './workload';

export interface ClosedLoopParameters {
  /** Requests at a time: the next one is sent when one is answered. */
  readonly inFlight: number;
  readonly milliseconds: number;
  readonly generation: Generation;
}

/**
 * Requests of `workload`, so many at a time.
 * @throws an error if a single request failed or returned what it must not
 */
export async function closedLoop(
  client: StoreClient,
  workload: Workload,
  { inFlight, milliseconds, generation }: ClosedLoopParameters,
): Promise<LoopResult> {
  const latencies = new Latencies();
  const start = performance.now();
  const end = start + milliseconds;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      try {
        await workload.request(client, generation);
      } catch (error) {
        latencies.fail(error);
      }
      const before = now;
      now = performance.now();
      latencies.record(now - before);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return latencies.result(performance.now() - start);
}
