import {
  CannotDo,
  interleave,
  us,
  type Effort,
  type Report,
  type Skipped,
  type Suite,
} from './harness';
import { startJbstore } from './jbstore';
import { redisAbsence, startRedis, startReplicatedRedis } from './redis';
import { registerMemory } from './register-memory';
import { Servers } from './servers';
import { Contestant, type ContestParameters } from './store-contest';

/** The store against Redis: every answer is checked, and one that is wrong or missing ends the run. */
export const store: Suite = {
  name: 'store',
  about: 'the store on 3 nodes: requests a second, latency, processor time, bytes per key',
  run: async (effort, progress) => {
    const memory = await measureMemory(effort, progress);
    const speed = await contest(parametersOf(effort), effort.runs, progress);
    return {
      rows: [...speed.rows, ...memory.rows],
      skipped: [...speed.skipped, ...memory.skipped],
    };
  },
};

function parametersOf({ quick }: Effort): ContestParameters {
  return {
    inFlight: [1, 16, 64, 256],
    keys: quick ? 1_000 : 10_000,
    keyBytes: 16,
    valueBytes: 100,
    // Much shorter, and the processor time of a quick peer would be less than a tick of its clock.
    milliseconds: quick ? 250 : 2_000,
    warmUpMs: quick ? 200 : 5_000,
  };
}

/** All servers run at the same time, each a process of its own; one is asked at a time. */
async function contest(
  parameters: ContestParameters,
  runs: number,
  progress: (line: string) => void,
): Promise<Report> {
  await using servers = new Servers();
  const absence = redisAbsence();
  const absent = (): never => {
    throw new CannotDo(absence ?? '');
  };
  const contestants = [
    new Contestant(us, startJbstore, parameters),
    new Contestant('Redis alone', absence === undefined ? startRedis : absent, parameters),
    new Contestant(
      'Redis + WAIT 1',
      absence === undefined ? startReplicatedRedis : absent,
      parameters,
    ),
  ];
  try {
    for (const contestant of contestants) {
      progress(`starting ${contestant.name}`);
      await contestant.start(servers);
    }
    const trials = parameters.inFlight.flatMap((inFlight) =>
      contestants.flatMap((contestant) => contestant.trials(inFlight)),
    );
    return await interleave(trials, runs, progress);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }
}

async function measureMemory({ quick }: Effort, progress: (line: string) => void): Promise<Report> {
  const reason = 'it takes longer than --quick allows';
  const skipped: Skipped[] = [{ scenario: 'register memory', subject: us, reason }];
  if (quick) return { rows: [], skipped };
  progress('filling registers, to see what a key costs');
  return { rows: await registerMemory(), skipped: [] };
}
