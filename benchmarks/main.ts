import { parseArgs } from 'node:util';

import { core } from './core';
import { machine, ratiosOf, tableOf, us, type Suite } from './harness';
import { store } from './store';

/** To add a suite, export it from a file of its own and list it here. */
const suites: readonly Suite[] = [core, store];

const help = `Usage: npm run bench -- <suite> [--quick] [--json] [--runs <number>]

Measures us and our peers in one run, in turn, and prints medians and ratios.

Suites:
${suites.map(({ name, about }) => `  ${name.padEnd(10)}${about}`).join('\n')}

Options:
  --quick           less work and fewer runs: to see that it works, not to compare
  --runs <number>   measured runs of each trial (default 5, with --quick 1)
  --json            the last line is one JSON object: suite, machine, rows, skipped, ratios
  --help            this text
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
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

  const report = await suite.run({ quick: values.quick, runs }, (line) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(`${suite.name}, ${JSON.stringify(machine())}\n${tableOf(report)}\n`);
  if (values.json) {
    const ratios = ratiosOf(report.rows, us);
    const line = { suite: suite.name, machine: machine(), ...report, ratios };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  return 0;
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
