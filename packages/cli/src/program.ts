import { Command, CommanderError } from 'commander';

import { addBench } from './bench';
import { addCas } from './cas';
import { addCheck } from './check';
import { addCluster } from './cluster';
import { addDelete } from './delete';
import { codeOf, ExitCode, exitCodeOf } from './exit-code';
import { addExport } from './export';
import { addForce } from './force';
import { addGet } from './get';
import { addGraph } from './graph';
import { addImport } from './import';
import { addIncrement } from './increment';
import { addJoin } from './join';
import { type Io, write, writeJson } from './io';
import { addKeys } from './keys';
import { addLeave } from './leave';
import { addNode } from './node';
import { addPut } from './put';
import { addReplace } from './replace';
import { addRing } from './ring';
import { addSimulate } from './simulate';
import { addStart } from './start';
import { addStatus } from './status';
import { version } from './version';

/** The `jbstore` command with all commands in it. It throws where commander would exit. */
export function programOf(io: Io): Command {
  const program = new Command('jbstore')
    .description('A partitioned, replicated, linearizable key-value store.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Errors are thrown and written once, by `run`; what else goes here is the help for who lost the way.
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined,
    })
    .addHelpText(
      'after',
      [
        '',
        'Example:',
        '  $ jbstore cluster --nodes 3 --replication 3 --port 7100     in one shell',
        '  $ jbstore put greeting hello                                in another',
        '  $ jbstore get greeting --connect 127.0.0.1:7101',
        '',
        'Exit codes: 0 done, 1 not found or not as expected, 2 usage or malformed input, 3 unavailable,',
        '            4 outcome unknown, 70 internal error. `jbstore help <command>` tells more.',
      ].join('\n'),
    );
  for (const add of [addCluster, addNode, addJoin]) add(program, io);
  for (const add of [addLeave, addReplace, addForce]) add(program, io);
  for (const add of [addPut, addGet, addDelete]) add(program, io);
  for (const add of [addCas, addIncrement, addKeys]) add(program, io);
  for (const add of [addImport, addExport, addStatus, addRing, addGraph]) add(program, io);
  for (const add of [addBench, addCheck, addSimulate, addStart]) add(program, io);
  return program;
}

/** Runs the command of `words`, and returns what to exit with. It throws for no mistake of the user's. */
export async function run(words: readonly string[], io: Io): Promise<ExitCode> {
  const program = programOf(io);
  try {
    await program.parseAsync(words, { from: 'user' });
    return ExitCode.done;
  } catch (error) {
    // Help and version are asked for, and are no error.
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done;
    const failure = failureOf(error, known(words, program));
    if (failure.message !== '') await tell(failure, words.includes('--json'), io);
    return failure.exitCode;
  }
}

interface Failure {
  readonly code: string | undefined;
  readonly message: string;
  /** Where to read more. */
  readonly hint?: string;
  readonly exitCode: ExitCode;
  readonly stack?: string | undefined;
}

function failureOf(error: unknown, command: string): Failure {
  if (error instanceof CommanderError) {
    // Without a command commander has shown the help already.
    const shown = error.code === 'commander.help';
    const problem = error.message.replace(/^error: /, '');
    const hint = `See \`jbstore ${command}--help\`.`;
    return { code: 'ERR_USAGE', message: shown ? '' : problem, hint, exitCode: ExitCode.usage };
  }
  const exitCode = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  const isInternal = exitCode === ExitCode.internal;
  return { code: codeOf(error), message, exitCode, ...(isInternal && { stack }) };
}

/** The command among `words`, with a blank after it, if there is one. */
function known(words: readonly string[], program: Command): string {
  const word = words.find((candidate) => !candidate.startsWith('-'));
  const command = program.commands.find((candidate) => candidate.name() === word);
  return command ? `${command.name()} ` : '';
}

async function tell(failure: Failure, json: boolean, io: Io): Promise<void> {
  const { message, hint, stack, ...codes } = failure;
  const text = hint === undefined ? message : `${message}\n${hint}`;
  if (json) await writeJson(io.stderr, { error: { ...codes, message, ...(stack && { stack }) } });
  else if (stack === undefined) await write(io.stderr, `jbstore: ${text}\n`);
  else await write(io.stderr, `jbstore: internal error, a mistake of ours: ${message}\n${stack}\n`);
}
