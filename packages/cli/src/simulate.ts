import type { SeedRange } from '@jbstore/simulator';
import { Option, type Command } from 'commander';
import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { seedRange, wholeNumber } from './arguments';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { killedExitCode, onStopSignals } from './signals';
import { investigate } from './simulation-failure';
import { judge, pageOf, rangeText, summaryOf, tableOf } from './simulation-result';
import { runPlan, runSeeds } from './simulation-runs';
import { simulator } from './simulator';

const seedsOfASweep = { first: 1, last: 100 };
const largestSeed = 999_999_999_999_999;

interface SimulateOptions {
  readonly scenario: string;
  readonly seeds: SeedRange;
  readonly replay?: number;
  readonly plan?: string;
  readonly report?: string;
  readonly shrinkRuns: number;
  readonly workers?: number;
  readonly bail?: true;
  readonly json?: true;
}

export function addSimulate(program: Command, io: Io): void {
  const command = program
    .command('simulate')
    .summary('attack whole clusters in virtual time, and check what they do')
    .description(
      'Runs clusters of the components of production in virtual time, under crashes, cuts, pauses and lost messages, and checks after every event and at the end that nothing that is promised was broken. All of a run follows from its scenario and its seed. A sweep runs many seeds on all cores, one in twenty of them twice, to compare. Of the first seed that failed it finds the shortest schedule that still does, and draws it. Ctrl-C ends a sweep, and the table says which seeds are left.',
    )
    .option('-s, --scenario <name>', 'what is run', 'standard')
    .addOption(
      new Option('--seeds <first..last>', 'sweep over these seeds')
        .argParser(seedRange)
        .default(seedsOfASweep, rangeText(seedsOfASweep)),
    )
    .addOption(
      new Option('--replay <seed>', 'run one seed alone, and tell its trace hash')
        .argParser(wholeNumber(0, largestSeed))
        .conflicts('seeds'),
    )
    .addOption(
      new Option('--plan <file>', 'run the schedule that is in this file').conflicts([
        'seeds',
        'replay',
        'scenario',
      ]),
    )
    .option(
      '--report <file>',
      'write what was found as a page of HTML, and the timeline of one run',
    )
    .option('--shrink-runs <count>', 'runs for a shorter schedule', wholeNumber(0, 100_000), 500)
    .option('--workers <count>', 'processes (default: one a core)', wholeNumber(1, 256))
    .option('--bail', 'begin no more seeds after one that failed')
    .option('--json', 'write the result as one object of JSON')
    .addHelpText('after', scenarioHelp)
    .action((options: SimulateOptions) => simulate(options, io));
  explain(
    command,
    [
      'jbstore simulate --seeds 1..1000',
      'jbstore simulate --scenario quiet --replay 17 --report run.html',
      'jbstore simulate --plan simulation-standard-17.plan.json',
    ],
    ['simulationFailed', 'simulationUndecided'],
  );
}

function scenarioHelp(): string {
  const lines = simulator().scenarios.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`);
  return ['', 'Scenarios:', ...lines].join('\n');
}

async function simulate(options: SimulateOptions, io: Io): Promise<void> {
  const { scenario, seeds, replay, plan, report } = options;
  const json = options.json === true;
  // What is wrong with the command line is told before a long sweep, not after it.
  simulator().scenarioNamed(scenario);
  if (report !== undefined) await access(dirname(report), constants.W_OK);

  const signal = interruption(json, io);
  const range = replay === undefined ? seeds : { first: replay, last: replay };
  const { result, outcome } =
    plan === undefined
      ? await runSeeds({ ...options, seeds: range, json, signal }, io)
      : await runPlan(plan);
  if (!json) await write(io.stdout, tableOf(result));
  // A plan is as short as it was found.
  const shrinkRuns = plan === undefined ? options.shrinkRuns : 0;
  const found =
    outcome?.failure && (await investigate(outcome, { report, shrinkRuns, signal, json }, io));
  if (!found && report !== undefined) {
    await writeFile(report, pageOf(result, outcome));
    if (!json) await write(io.stdout, `report: ${report}\n`);
  }
  if (json) await writeJson(io.stdout, { ...summaryOf(result), failure: found });
  judge(result);
}

/** Aborted by the first Ctrl-C; the second one ends the command. */
function interruption(json: boolean, io: Io): AbortSignal {
  const controller = new AbortController();
  onStopSignals(
    () => {
      controller.abort();
      if (!json) io.stderr.write('finishing the runs that were begun; Ctrl-C ends them too\n');
    },
    () => process.exit(killedExitCode),
  );
  return controller.signal;
}
