import { closedLoop } from './closed-loop';
import { type LoopResult } from './latencies';
import { openLoop } from './open-loop';
import { cpuTimeMs, Servers } from './servers';
import { type StartStore } from './store-subject';
import { serveTasks } from './worker-process';
import { Workload, type Generation, type WorkloadParameters } from './workload';

/** What the parent asks of this process: a closed or an open loop, while so many keys are held. */
export type StoreTask = { readonly held: number; readonly milliseconds: number } & (
  { readonly inFlight: number } | { readonly ratePerSecond: number }
);

export interface StoreResult extends LoopResult {
  readonly clientCpuMs: number;
  /** Of all servers together; left out where that is not known. */
  readonly serversCpuMs?: number;
}

/** Measures one store, whose client is alone in this process, until the parent goes. */
export function serveStore(start: StartStore): void {
  serveTasks(async () => {
    const workload = new Workload(JSON.parse(process.argv[2] ?? '{}') as WorkloadParameters);
    // They end when this process exits, whatever the reason.
    const subject = await start(new Servers());
    let generation: Generation = 0;
    const measured = async (asked: StoreTask): Promise<StoreResult> => {
      // Every run stores other values than the one before.
      generation = generation === 0 ? 1 : 0;
      const before = process.cpuUsage();
      const serversBeforeMs = await cpuTimeMs(subject.pids);
      const result = await ('inFlight' in asked
        ? closedLoop(subject, workload, { ...asked, generation })
        : openLoop(subject, workload, { ...asked, generation }));
      const { user, system } = process.cpuUsage(before);
      const serversAfterMs = await cpuTimeMs(subject.pids);
      const known = serversBeforeMs !== undefined && serversAfterMs !== undefined;
      return {
        ...result,
        clientCpuMs: (user + system) / 1_000,
        ...(known && { serversCpuMs: serversAfterMs - serversBeforeMs }),
      };
    };
    return async (task): Promise<StoreResult> => {
      const asked = task as StoreTask;
      const stored = await workload.hold(subject, asked.held);
      // What a store does behind so many puts, as collecting what they left, is over after a run that does not count.
      if (stored > 0) await measured(asked);
      return measured(asked);
    };
  });
}
