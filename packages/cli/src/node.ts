import { readConfiguration, startNode } from '@jbstore/node';
import { Option, type Command } from 'commander';

import { exitCodeOf } from './exit-code';
import { explain } from './help';
import type { Io } from './io';
import { nodeFlagsOf, withNodeFlags, type NodeFlags } from './node-flags';
import { killedExitCode, onStopSignals } from './signals';
import { placeOf } from './status';
import { isSupervised, onOrphaned, report } from './supervision';

/** What commander parsed of a command that runs a node. */
export type NodeOptions = NodeFlags & {
  readonly config?: string;
  readonly json?: true;
  readonly onlyFlags?: true;
};

export function addNode(program: Command, io: Io): void {
  const command = program
    .command('node')
    .summary('run one node of a cluster')
    .description(
      'Runs one node until SIGINT or SIGTERM. The first node of a cluster joins nobody; the others --join it, started in any order. A setting is taken from the flags, else from the environment (JBSTORE_PORT for --port), else from a file (jbstore.config.json or .jbstorerc in this directory, or --config). Nothing is encrypted or authenticated yet. Logs go to standard error.',
    )
    .addOption(new Option('--only-flags', 'ignore environment and files').hideHelp())
    .action((options: NodeOptions) => serve(options, io));
  withNodeFlags(command);
  explain(
    command,
    [
      'jbstore node --nodes 3 --port 7100',
      'jbstore node --nodes 3 --port 7101 --join 127.0.0.1:7100',
      'jbstore node --nodes 3 --port 7102 --join 127.0.0.1:7100 --metrics-port 9102',
    ],
    ['unavailable'],
  );
}

/** Runs a node until a signal, or its cluster, ends it. */
export async function serve(options: NodeOptions, io: Io): Promise<void> {
  try {
    await run(options, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    report({ type: 'failed', message, exitCode: exitCodeOf(error) });
    throw error;
  }
}

async function run(options: NodeOptions, io: Io): Promise<void> {
  const flags = nodeFlagsOf(options.json ? { logFormat: 'json', ...options } : options);
  // A person who watches wants text; a collector of logs gets JSON.
  const environment = io.stderr.isTTY
    ? { JBSTORE_LOG_FORMAT: 'text', ...process.env }
    : process.env;
  const elsewhere = { environment, file: options.config, directory: process.cwd() };
  const node = await startNode(
    readConfiguration(options.onlyFlags ? { flags } : { flags, ...elsewhere }),
  );

  const { stopped } = node;
  const stop = (): void => void node.stop();
  if (isSupervised()) {
    onOrphaned(stop);
    process.on('SIGTERM', stop);
    // Ctrl-C reaches the watching process too, which then says what to do.
    process.on('SIGINT', () => undefined);
  } else {
    onStopSignals(stop, () => process.exit(killedExitCode));
  }
  const { metricsAddress: metrics } = node;
  report({ type: 'listening', address: placeOf(node.address), ...(metrics && { metrics }) });
  node.ready.then(
    () => {
      report({ type: 'ready' });
    },
    () => undefined, // `stopped` rejects with the same reason.
  );
  await stopped;
}
