import type { Command } from 'commander';

import { ExitCode } from './exit-code';

const meanings: Readonly<Record<keyof typeof ExitCode, string>> = {
  done: 'done',
  notFound: 'the key is not in the store',
  mismatch: 'something else is stored than expected; nothing was changed',
  notLinearizable: 'the history is not linearizable',
  simulationFailed: 'a seed failed, or a rare path that must be tried never was',
  usage: 'a mistake on the command line or in the input; nothing to try again',
  unavailable: 'unavailable: surely not done, may succeed later',
  undecided: 'unknown: a limit of time or memory came first',
  simulationUndecided: 'nothing failed, but seeds are left, or the checker gave up on one',
  outcomeUnknown: 'outcome unknown: a write got no answer, it may have been done',
  internal: 'an internal error, a mistake of ours',
};

const everywhere: readonly (keyof typeof ExitCode)[] = ['done', 'usage', 'internal'];

/** Ends the help of `command` with examples and with the exit codes that it can have. */
export function explain(
  command: Command,
  examples: readonly string[],
  codes: readonly (keyof typeof ExitCode)[],
): Command {
  const names = Object.keys(meanings).filter(isExitName);
  const listed = names.filter((name) => [...everywhere, ...codes].includes(name));
  return command.addHelpText('after', () =>
    [
      '',
      examples.length === 1 ? 'Example:' : 'Examples:',
      ...examples.map((example) => `  $ ${example}`),
      '',
      'Exit codes:',
      ...listed.map((name) => `  ${String(ExitCode[name]).padStart(2)}  ${meanings[name]}`),
    ].join('\n'),
  );
}

function isExitName(name: string): name is keyof typeof ExitCode {
  return name in ExitCode;
}
