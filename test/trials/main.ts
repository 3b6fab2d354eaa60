import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { build } from '../processes/jbstore';
import { perform } from './perform';
import { plotOf } from './plot';
import { figuresOf, isSound, linesOf } from './report';
import { trials } from './trials';

const help = `Usage: npm run trial -- [trial...] [options]

Clusters of real processes change, and lose processes, while clients use them: at full
size, some minutes each. Every request must be performed exactly once, and the history
of all of them be linearizable.

Trials (default: all):
${trials.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

Options:
  --writers <count>  writers at a time (default 16)
  --out <folder>     writes <trial>.json and <trial>.svg, a plot over time, into it
  --help             this text

Exit codes: 0 all is sound, 1 something is not, 2 asked in a wrong way.
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      writers: { type: 'string', default: '16' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const chosen =
    positionals.length === 0 ? trials : trials.filter(({ name }) => positionals.includes(name));
  const writers = Number(values.writers);
  const isKnown = positionals.every((name) => trials.some((trial) => trial.name === name));
  if (!isKnown || !Number.isSafeInteger(writers) || writers < 1) {
    process.stderr.write(help);
    return 2;
  }
  if (values.out !== undefined) mkdirSync(values.out, { recursive: true });
  build();
  let sound = true;
  for (const trial of chosen) {
    const performance = await perform(trial, { writers, restMs: 0 }, (text) => {
      process.stderr.write(`${trial.name}: ${text}\n`);
    });
    sound &&= isSound(performance);
    process.stdout.write(`${linesOf(performance).join('\n')}\n`);
    if (values.out === undefined) continue;
    const figures = JSON.stringify(figuresOf(performance), undefined, 2);
    writeFileSync(join(values.out, `${trial.name}.json`), `${figures}\n`);
    writeFileSync(join(values.out, `${trial.name}.svg`), plotOf(performance));
  }
  return sound ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 70;
  },
);
