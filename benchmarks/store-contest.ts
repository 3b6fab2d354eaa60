import { closedLoop, fill } from './closed-loop';
import { startJbstore } from './jbstore';
import {
  redisAbsence,
  redisAlone,
  replicatedRedis,
  startRedis,
  startReplicatedRedis,
} from './redis';
import { cpuTimeMs, Servers } from './servers';
import { type StoreSubject } from './store-subject';
import { type Generation, Workload, type WorkloadParameters } from './workload';

export interface StoreParameters extends WorkloadParameters {
  /** How many requests at a time, in turn. */
  readonly inFlight: readonly number[];
  /** How often everything is measured. */
  readonly rounds: number;
  /** How long one subject is measured at a time. */
  readonly roundMs: number;
  /** How long each subject runs before, so that what compiles itself while it runs has done so. */
  readonly warmUpMs: number;
}

/** One figure of one subject in one round. */
export interface StoreSample {
  readonly scenario: string;
  readonly subject: string;
  readonly unit: string;
  readonly value: number;
  readonly parameters: Readonly<Record<string, number | string>>;
}

export interface StoreContestResult {
  readonly samples: readonly StoreSample[];
  readonly skipped: readonly { readonly subject: string; readonly reason: string }[];
}

interface Contestant {
  readonly subject: StoreSubject;
  readonly workload: Workload;
}

const warmUpInFlight = 64;

/**
 * Measures JBstore and its peers in turn, round by round, in one run: all servers run at the same
 * time, each a process of its own, and one is asked at a time. This process is the client of all.
 * Every answer is checked; one that is wrong or missing fails the run.
 */
export async function storeContest(parameters: StoreParameters): Promise<StoreContestResult> {
  await using servers = new Servers();
  const absence = redisAbsence();
  const starts = absence ? [] : [startRedis, startReplicatedRedis];
  const contestants: Contestant[] = [];
  for (const start of [startJbstore, ...starts]) {
    const subject = await start(servers);
    const workload = new Workload(parameters);
    contestants.push({ subject, workload });
    await fill(subject, workload);
    const milliseconds = parameters.warmUpMs;
    const warmUp = { inFlight: warmUpInFlight, milliseconds, generation: 0 } as const;
    await closedLoop(subject, workload, warmUp);
  }

  const samples: StoreSample[] = [];
  for (let round = 1; round <= parameters.rounds; round += 1) {
    const generation = round % 2 === 0 ? 0 : 1;
    for (const inFlight of parameters.inFlight) {
      for (const contestant of contestants) {
        samples.push(...(await measure(contestant, inFlight, generation, parameters)));
      }
    }
  }

  for (const { subject } of contestants) await subject.close();
  const absent = absence ? [redisAlone, replicatedRedis] : [];
  return { samples, skipped: absent.map((subject) => ({ subject, reason: absence ?? '' })) };
}

async function measure(
  { subject, workload }: Contestant,
  inFlight: number,
  generation: Generation,
  { keys, keyBytes, valueBytes, roundMs: milliseconds }: StoreParameters,
): Promise<StoreSample[]> {
  const pids = [process.pid, ...subject.pids];
  const cpuBeforeMs = await cpuTimeMs(pids);
  const result = await closedLoop(subject, workload, { inFlight, milliseconds, generation });
  const cpuAfterMs = await cpuTimeMs(pids);

  const { operations, elapsedMs, p50Ms, p99Ms } = result;
  const parameters = { inFlight, keys, keyBytes, valueBytes, ...subject.parameters };
  const sample = (figure: string, unit: string, value: number): StoreSample => ({
    scenario: `${figure}, C=${inFlight}`,
    subject: subject.name,
    unit,
    value,
    parameters,
  });
  const samples = [
    sample('put and get', 'operations/s', (operations * 1000) / elapsedMs),
    sample('p50 latency', 'ms', p50Ms),
    sample('p99 latency', 'ms', p99Ms),
  ];
  if (cpuBeforeMs === undefined || cpuAfterMs === undefined) return samples;
  const cpuUs = ((cpuAfterMs - cpuBeforeMs) * 1000) / operations;
  return [...samples, sample('processor time', 'µs/operation', cpuUs)];
}
