import {
  interleave,
  together,
  type Effort,
  type Progress,
  type Report,
  type Row,
  type Skipped,
  type Suite,
} from './harness';
import { registerMemory } from './register-memory';
import { us } from './selection';
import { Servers } from './servers';
import { closedScenariosOf, Contestant, type ContestParameters } from './store-contest';
import { storeSubjects } from './store-subjects';

/** The store against others: every answer is checked, and one that is wrong or missing ends the run. */
export const store: Suite = {
  name: 'store',
  about: 'the store on 3 nodes: requests a second, latency, processor time, bytes per key',
  subjects: Object.keys(storeSubjects),
  run: async (effort, progress) => {
    const { selection } = effort;
    const memory = selection.hasScenario(registerMemoryName)
      ? await measureMemory(effort, progress)
      : nothing;
    const inFlight = [1, 16, 64, 256].filter((level) =>
      closedScenariosOf(level).some((scenario) => selection.hasScenario(scenario)),
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
  const keys = quick ? 1_000 : 10_000;
  return {
    inFlight,
    keys,
    held: keys,
    keyBytes: 16,
    valueBytes: 100,
    // Much shorter, and the processor time of a quick peer would be less than a tick of its clock.
    milliseconds: quick ? 250 : 2_000,
    warmUpMs: quick ? 200 : 5_000,
  };
}

/** All servers and all clients run at the same time, each a process of its own; one is asked at a time. */
async function contest(
  parameters: ContestParameters,
  { runs, selection }: Effort,
  progress: Progress,
): Promise<Report> {
  await using servers = new Servers();
  const contestants = Object.entries(storeSubjects)
    .filter(([name]) => selection.hasSubject(name))
    .map(([name, entry]) => new Contestant(name, entry, parameters));
  for (const contestant of contestants) {
    progress('the store', `starting ${contestant.name}`);
    await contestant.start(servers);
  }
  const trials = parameters.inFlight.flatMap((inFlight) =>
    contestants.flatMap((contestant) => contestant.trials(inFlight)),
  );
  return await interleave('the store', trials, runs, progress);
}

async function measureMemory({ quick }: Effort, progress: Progress): Promise<Report> {
  const reason = 'it takes longer than --quick allows';
  const skipped: Skipped[] = [{ scenario: registerMemoryName, subject: us, reason }];
  if (quick) return { rows: [], skipped };
  progress(registerMemoryName, 'filling registers, to see what a key costs');
  return { rows: await registerMemory(), skipped: [] };
}
