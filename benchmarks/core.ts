import type { CoreTask } from './core-process';
import { scenarios, type Scenario } from './core-scenarios';
import { coreSubjects } from './core-subjects';
import {
  interleave,
  together,
  type Effort,
  type Progress,
  type Report,
  type Suite,
  type Trial,
} from './harness';
import { Servers } from './servers';
import { Worker } from './worker';

/**
 * Some peers call from one component straight into the next: a ring of 1000 takes XState more than the
 * megabyte that Node gives a stack. The system's own limit is mostly eight.
 */
const stackKibibytes = 4_000;

type CoreWorker = Worker<CoreTask, number>;

/** The component runtime against its peers. */
export const core: Suite = {
  name: 'core',
  about: 'the component runtime: events a second, taps, ticks, components made a second, bytes',
  subjects: Object.keys(coreSubjects),
  run: async (effort, progress) => {
    const asked = scenarios.filter(({ name }) => effort.selection.hasScenario(name));
    // A scenario leaves its mark on the code that is compiled for it, so each has processes of its own.
    if (!effort.quick) return together(await inTurn(asked, effort, progress));
    return asked.length > 0 ? contest(asked, effort, progress) : together([]);
  },
};

async function inTurn(
  asked: readonly Scenario[],
  effort: Effort,
  progress: Progress,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const scenario of asked) reports.push(await contest([scenario], effort, progress));
  return reports;
}

/** Every subject in a process of its own, all started before the first is measured. */
async function contest(
  asked: readonly Scenario[],
  { quick, runs, selection }: Effort,
  progress: Progress,
): Promise<Report> {
  await using servers = new Servers();
  const subjects = Object.entries(coreSubjects).filter(([name]) => selection.hasSubject(name));
  const title = asked.map(({ name }) => name).join('; ');
  progress(title, 'starting');
  const options = ['--expose-gc', `--stack-size=${stackKibibytes}`];
  const workers = subjects.map(([name, file]) => {
    const worker: CoreWorker = new Worker(servers, name, { file, options });
    return { name, worker };
  });
  await Promise.all(workers.map(({ worker }) => worker.begun));
  const trials = asked.flatMap((scenario) =>
    workers.map(({ name, worker }) => trialOf(scenario, name, worker, quick)),
  );
  return await interleave(title, trials, runs, progress);
}

function trialOf(scenario: Scenario, subject: string, worker: CoreWorker, quick: boolean): Trial {
  const { name, unit, parameters, variantOf } = scenario;
  return {
    ...{ scenario: name, subject, unit, parameters },
    ...(variantOf !== undefined && { variantOf }),
    prepare: async () => {
      await worker.do({ scenario: name, step: 'prepare', quick });
    },
    measure: () => worker.do({ scenario: name, step: 'measure', quick }),
  };
}
