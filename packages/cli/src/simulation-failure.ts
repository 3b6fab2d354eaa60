import type { Outcome, PageContent, Shrunk } from '@jbstore/simulator';
import { writeFile } from 'node:fs/promises';

import { commitOfSources } from './commit';
import { counted, grouped } from './figures';
import { type Io, write } from './io';
import { Progress } from './progress';
import { simulator } from './simulator';

export interface InvestigationOptions {
  /** How many runs it may take to find a shorter schedule; 0 if none is looked for. */
  readonly shrinkRuns: number;
  /** The file of HTML that is written. Default: one that is named after the seed. */
  readonly report: string | undefined;
  /** Once it is aborted, the shortest schedule until then is taken. */
  readonly signal: AbortSignal;
  readonly json: boolean;
}

/** What is known of a failure in the end, for programs. */
export interface Investigation {
  readonly failure: Outcome['failure'];
  readonly seed: string;
  readonly commit: string;
  readonly shortest: Outcome['plan'];
  readonly finished: boolean;
  readonly files: readonly string[];
}

/** Looks for the shortest way to the failure of `outcome`, draws it, and says how to see it again. */
export async function investigate(
  outcome: Outcome,
  options: InvestigationOptions,
  io: Io,
): Promise<Investigation> {
  const { scenario, seed, plan } = outcome;
  const shrunk = await shorter(outcome, options, io);
  const shortest = shrunk?.outcome ?? outcome;
  const commit = await commitOfSources();
  const page = options.report ?? `simulation-${scenario}-${seed}.html`;
  const planFile = shrunk && `${page.replace(/\.html?$/, '')}.plan.json`;
  const { planFileOf, planText } = simulator();
  if (planFile !== undefined) await writeFile(planFile, planFileOf(shortest));

  const schedule = planText(shortest.plan);
  const found = shrunk
    ? `${grouped(shortest.plan.actions.length)} of ${counted(plan.actions.length, 'action')} are left, found in ${counted(shrunk.runs, 'run')}${shrunk.finished ? '; none of them can be left out' : '; there was no time to find out whether all of them are needed'}`
    : `${counted(plan.actions.length, 'action')}, as drawn`;
  const facts = [
    ['scenario', scenario],
    ['seed', seed],
    ['commit', commit],
    ['failure', failureText(outcome)],
    ['shortest', failureText(shortest)],
    ['schedule', found],
    ['replay', `npx jbstore simulate --scenario ${scenario} --replay ${seed}`],
    ...(planFile === undefined
      ? []
      : [['replay the shortest', `npx jbstore simulate --plan ${planFile}`] as const]),
    ['timeline', page],
  ] as const;
  await drawRun(page, shortest, { title: `Seed ${seed} of ${scenario} failed`, facts, schedule });
  if (!options.json) {
    const width = Math.max(...facts.map(([name]) => name.length));
    const lines = facts.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
    await write(io.stdout, `\n${[...lines, '', ...schedule].join('\n')}\n`);
  }
  const { failure } = outcome;
  const finished = shrunk?.finished ?? false;
  const files = planFile === undefined ? [page] : [page, planFile];
  return { failure, seed, commit, shortest: shortest.plan, finished, files };
}

/** Writes a page with the timeline of the run that came to `outcome`. */
async function drawRun(
  file: string,
  outcome: Outcome,
  content: Omit<PageContent, 'timeline'>,
): Promise<void> {
  const { pageOf, scenarioNamed, timelineOf } = simulator();
  const timeline = timelineOf(scenarioNamed(outcome.scenario), outcome);
  await writeFile(file, pageOf({ ...content, timeline }));
}

async function shorter(
  outcome: Outcome,
  { shrinkRuns: mostRuns, signal, json }: InvestigationOptions,
  io: Io,
): Promise<Shrunk | undefined> {
  if (mostRuns === 0) return undefined;
  const { scenarioNamed, shrink } = simulator();
  const progress = json ? undefined : new Progress(io.stderr, 'tried', mostRuns, 'shorter run');
  try {
    const onProgress = (): void => progress?.advance();
    return await shrink(scenarioNamed(outcome.scenario), outcome, { mostRuns, signal, onProgress });
  } finally {
    progress?.stop();
  }
}

function failureText({ failure, events, traceHash }: Outcome): string {
  if (!failure) return 'none';
  const { kind, what, atMs } = failure;
  const when = `at ${atMs.toFixed(3)} ms, in ${counted(events, 'event')}, trace hash ${traceHash}`;
  return `${kind}: ${what} (${when})`;
}
