import {
  CannotDo,
  interleave,
  together,
  type Effort,
  type Progress,
  type Report,
  type Row,
  type Skipped,
  type Suite,
} from './harness';
import { startJbstore } from './jbstore';
import { redisAbsence, startRedis, startReplicatedRedis } from './redis';
import { registerMemory } from './register-memory';
import { us } from './selection';
import { Servers } from './servers';
import { Contestant, figures, scenarioOf, type ContestParameters } from './store-contest';

const redisAlone = 'Redis alone';
const redisAndWait = 'Redis + WAIT 1';

/** The store against Redis: every answer is checked, and one that is wrong or missing ends the run. */
export const store: Suite = {
  name: 'store',
  about: 'the store on 3 nodes: requests a second, latency, processor time, bytes per key',
  subjects: [us, redisAlone, redisAndWait],
  run: async (effort, progress) => {
    const { selection } = effort;
    const memory = selection.hasScenario(registerMemoryName)
      ? await measureMemory(effort, progress)
      : nothing;
    const inFlight = [1, 16, 64, 256].filter((level) =>
      figures.some((figure) => selection.hasScenario(scenarioOf(figure, level))),
    );
    const parameters = parametersOf(effort, inFlight);
    const speed = inFlight.length > 0 ? await contest(parameters, effort, progress) : nothing;
    // All figures of one measurement come together; those that nobody asked for are dropped.
    const asked = ({ scenario }: Skipped | Row): boolean => selection.hasScenario(scenario);
    const { rows, skipped } = together([speed, memory]);
    return { rows: rows.filter(asked), skipped: skipped.filter(asked) };
  },
};

const registerMemoryName = 'register memory';
const nothing = together([]);

function parametersOf({ quick }: Effort, inFlight: readonly number[]): ContestParameters {
  return {
    inFlight,
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
  { runs, selection }: Effort,
  progress: Progress,
): Promise<Report> {
  await using servers = new Servers();
  const absence = redisAbsence();
  const absent = (): never => {
    throw new CannotDo(absence ?? '');
  };
  const contestants = [
    new Contestant(us, startJbstore, parameters),
    new Contestant(redisAlone, absence === undefined ? startRedis : absent, parameters),
    new Contestant(redisAndWait, absence === undefined ? startReplicatedRedis : absent, parameters),
  ].filter(({ name }) => selection.hasSubject(name));
  try {
    for (const contestant of contestants) {
      progress('the store', `starting ${contestant.name}`);
      await contestant.start(servers);
    }
    const trials = parameters.inFlight.flatMap((inFlight) =>
      contestants.flatMap((contestant) => contestant.trials(inFlight)),
    );
    return await interleave('the store', trials, runs, progress);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }
}

async function measureMemory({ quick }: Effort, progress: Progress): Promise<Report> {
  const reason = 'it takes longer than --quick allows';
  const skipped: Skipped[] = [{ scenario: registerMemoryName, subject: us, reason }];
  if (quick) return { rows: [], skipped };
  progress(registerMemoryName, 'filling registers, to see what a key costs');
  return { rows: await registerMemory(), skipped: [] };
}
