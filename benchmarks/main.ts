import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { chartOf } from './chart';
import { checker } from './checker';
import { core } from './core';
import { curvesOf } from './curves';
import { machine, type Progress, type Report, type Suite } from './harness';
import { keys } from './keys';
import { ratiosOf, tableOf } from './report';
import { scale } from './scale';
import { Selection } from './selection';
import { shapes } from './shapes';
import { store } from './store';

/** To add a suite, export it from a file of its own and list it here. */
const suites: readonly Suite[] = [core, store, shapes, keys, checker, scale];

const help = `Usage: npm run bench -- <suite> [options]

Measures us and our peers in one run, in turn, and prints medians and ratios.

Suites:
${suites.map(({ name, about, subjects }) => `  ${name.padEnd(18)}${about};\n${' '.repeat(20)}${subjects.join(', ')}`).join('\n')}

Options:
  --only <text>     only scenarios whose name holds it; may be repeated
  --against <peer>  only this peer and us; may be repeated
  --quick           less work and fewer runs: to see that it works, not to compare
  --runs <number>   measured runs of each trial (default 5, with --quick 1)
  --json            the last line is one JSON object: suite, machine, rows, skipped, ratios
  --out <folder>    writes <suite>.json, the same object, and <suite>….svg, charts, into it
  --help            this text

Progress goes to the standard error output. Exit codes: 0 measured, 2 asked in a wrong way,
70 failed, 130 interrupted.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      against: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      runs: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const suite = suites.find(({ name }) => name === positionals[0]);
  const runs = Number(values.runs ?? (values.quick ? 1 : 5));
  if (!suite || positionals.length !== 1 || !Number.isSafeInteger(runs) || runs < 1) {
    process.stderr.write(help);
    return 2;
  }

  const selection = new Selection(values.only, values.against);
  if (!selection.isOf(suite.subjects)) {
    process.stderr.write(`${suite.name} measures ${suite.subjects.join(', ')}, and nobody else.\n`);
    return 2;
  }
  const { progress, end } = progressOf(process.stderr);
  const report = await suite.run({ quick: values.quick, runs, selection }, progress);
  end();
  if (report.rows.length + report.skipped.length === 0) {
    process.stderr.write(`No scenario of ${suite.name} has such a name.\n`);
    return 2;
  }
  process.stdout.write(`${suite.name}, ${JSON.stringify(machine())}\n${tableOf(report)}\n`);
  const ratios = ratiosOf(report.rows);
  const line = JSON.stringify({ suite: suite.name, machine: machine(), ...report, ratios });
  if (values.out !== undefined) {
    mkdirSync(values.out, { recursive: true });
    writeFileSync(join(values.out, `${suite.name}.json`), `${line}\n`);
    for (const [name, svg] of picturesOf(suite, report)) {
      writeFileSync(join(values.out, `${name}.svg`), svg);
    }
  }
  if (values.json) process.stdout.write(`${line}\n`);
  return 0;
}

/** By name: the chart of all, and the curves of which anything was measured. */
function picturesOf({ name, curves = [] }: Suite, report: Report): Map<string, string> {
  const pictures = new Map([[name, chartOf(name, report, machine())]]);
  for (const each of curves) {
    const svg = curvesOf(each, report, machine());
    if (svg !== undefined) pictures.set(`${name}-${each.name}`, svg);
  }
  return pictures;
}

/** One line that changes on a terminal; elsewhere one line for each thing that is done. */
function progressOf(output: NodeJS.WriteStream): {
  readonly progress: Progress;
  readonly end: () => void;
} {
  let last = '';
  const progress: Progress = (what, detail) => {
    if (output.isTTY) output.write(`\r\u001b[K${detail}`);
    else if (what !== last) output.write(`${what}\n`);
    last = what;
  };
  return {
    progress,
    end: () => {
      if (output.isTTY) output.write('\r\u001b[K');
    },
  };
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof TypeError && 'code' in error;
    process.stderr.write(known ? `${error.message}\n\n${help}` : `${String(error)}\n`);
    process.exitCode = known ? 2 : 70;
  },
);
