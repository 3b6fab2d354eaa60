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
import { Servers } from './servers';
import { Contestant, type ContestParameters } from './store-contest';
import {
  closedFigures,
  closedName,
  levels,
  openFigures,
  openName,
  scenarioOf,
  storeCurves,
} from './store-figures';
import { storeSubjects } from './store-subjects';

/** The store against others: every answer is checked, and one that is wrong or missing ends the run. */
export const store: Suite = {
  name: 'store',
  about: 'the store on 3 nodes: requests a second, latency, processor time',
  subjects: Object.keys(storeSubjects),
  curves: storeCurves,
  run: async (effort, progress) => {
    const { selection } = effort;
    const open = openFigures.some((figure) => selection.hasScenario(scenarioOf(figure, openName)));
    // The rate of the open loop follows from what the closed loops come to.
    const inFlight = levels.filter(
      (level) =>
        (open && level >= 64) ||
        closedFigures.some((figure) =>
          selection.hasScenario(scenarioOf(figure, closedName(level))),
        ),
    );
    const { rows, skipped } =
      inFlight.length > 0 ? await contest(inFlight, open, effort, progress) : together([]);
    // All figures of one measurement come together; those that nobody asked for are dropped.
    const asked = ({ scenario }: Skipped | Row): boolean => selection.hasScenario(scenario);
    return { rows: rows.filter(asked), skipped: skipped.filter(asked) };
  },
};

function parametersOf(
  quick: boolean,
  inFlight: readonly number[],
  open: boolean,
): ContestParameters {
  const held = { closed: quick ? 1_000 : 10_000, open: quick ? 5_000 : 1_000_000 };
  return {
    keys: open ? held.open : held.closed,
    keyBytes: 16,
    valueBytes: 100,
    closed: {
      ...{ held: held.closed, inFlight },
      // Much shorter, and the processor time of a quick peer would be less than a tick of its clock.
      milliseconds: quick ? 250 : 2_000,
      warmUpMs: quick ? 200 : 10_000,
    },
    open: { held: held.open, milliseconds: quick ? 500 : 5_000 },
  };
}

/** All servers and all clients run at the same time, each a process of its own; one is asked at a time. */
async function contest(
  inFlight: readonly number[],
  open: boolean,
  { quick, runs, selection }: Effort,
  progress: Progress,
): Promise<Report> {
  await using servers = new Servers();
  const parameters = parametersOf(quick, inFlight, open);
  const contestants = Object.entries(storeSubjects)
    .filter(([name]) => selection.hasSubject(name))
    .map(([name, entry]) => new Contestant(name, entry, parameters));
  for (const contestant of contestants) {
    progress('the store', `starting ${contestant.name}`);
    await contestant.start(servers);
  }
  const closedTrials = inFlight.flatMap((level) =>
    contestants.flatMap((contestant) => contestant.closedTrials(level)),
  );
  const closed = await interleave('the store', closedTrials, runs, progress);
  if (!open) return closed;
  const openTrials = contestants.flatMap((contestant) =>
    contestant.openTrials(Math.ceil(greatestRate(closed, contestant.name) / 2)),
  );
  return together([closed, await interleave('the store, open loop', openTrials, runs, progress)]);
}

/** Of its medians; 0 for one that was skipped. */
function greatestRate({ rows }: Report, subject: string): number {
  const rates = rows.filter((row) => row.subject === subject && row.unit === 'requests/s');
  return Math.max(0, ...rates.map(({ median }) => median));
}
