import { readConfiguration, type NodeConfiguration } from '@jbstore/node';
import type { Command } from 'commander';
import { createColors } from 'picocolors';

import { NodesLostError, UsageError } from './errors';
import { seconds, Stopwatch } from './figures';
import { explain } from './help';
import { type Io, write, writeJson } from './io';
import { LocalCluster, type LocalClusterWatcher } from './local-cluster';
import { nodeFlagsOf, withNodeFlags, type NodeFlags } from './node-flags';
import { killedExitCode, onStopSignals } from './signals';

type ClusterOptions = NodeFlags & { readonly config?: string; readonly json?: true };

export function addCluster(program: Command, io: Io): void {
  const command = program
    .command('cluster')
    .summary('run a whole cluster on this machine')
    .description(
      'Runs a cluster of local processes until SIGINT or SIGTERM, which stop all gracefully; a second one kills them. The nodes listen on --port and the ports after it (0: any free ones), and likewise with --metrics-port. If a node dies, the others go on. Logs go to standard error, each line with the name of its node.',
    )
    .action(async (options: ClusterOptions) => {
      const settings = settingsOf(options);
      await run(settings, options.json === true, io);
    });
  withNodeFlags(command, ['join', 'logFormat']);
  explain(
    command,
    [
      'jbstore cluster --nodes 3 --replication 3 --port 7100',
      'jbstore cluster --nodes 5 --port 0 --json',
    ],
    ['unavailable'],
  );
}

function settingsOf(options: ClusterOptions): NodeConfiguration {
  const settings = readConfiguration({
    flags: nodeFlagsOf(options),
    environment: process.env,
    file: options.config,
    directory: process.cwd(),
  });
  const { port, nodes } = settings;
  if (port > 0 && port + nodes - 1 > 65_535) {
    throw new UsageError(`${nodes} nodes from port ${port} on need ports over 65535: start lower`);
  }
  return { ...settings, join: undefined, logFormat: options.json ? 'json' : 'text' };
}

async function run(settings: NodeConfiguration, json: boolean, io: Io): Promise<void> {
  const stopwatch = new Stopwatch();
  const cluster = new LocalCluster(settings, watcher(json, io));
  onStopSignals(
    () => {
      if (!json) io.stderr.write(`stopping ${cluster.running.length} nodes; again to kill them\n`);
      void cluster.stop();
    },
    () => {
      cluster.kill();
      process.exitCode = killedExitCode;
    },
  );
  try {
    await cluster.start();
    await announce(cluster, settings, stopwatch, json, io);
    await Promise.all(cluster.nodes.map((node) => node.exited));
    if (!cluster.stopping) throw new NodesLostError('no node is left: start the cluster again');
  } catch (error) {
    // To be stopped before it is ready is no failure either.
    if (!cluster.stopping) throw error;
  } finally {
    await cluster.stop();
  }
}

const colourNames = ['cyan', 'yellow', 'green', 'magenta', 'blue', 'red'] as const;

function watcher(json: boolean, io: Io): LocalClusterWatcher {
  const colours = createColors(io.stderr.isTTY === true);
  const prefixOf = (node: string): string => {
    const index = Number(node.slice(1)) - 1;
    return colours[colourNames[index % colourNames.length] ?? 'cyan'](`${node} |`);
  };
  return {
    line: (node, line) => {
      io.stderr.write(json ? `${withName(node, line)}\n` : `${prefixOf(node)} ${line}\n`);
    },
    lost: ({ name, pid }, how) => {
      if (json) io.stdout.write(`${JSON.stringify({ event: 'lost', name, pid, how })}\n`);
      else io.stderr.write(`${prefixOf(name)} ${colours.red(how)}; the others go on\n`);
    },
  };
}

/** The JSON of `line`, with the name of the node; what is no JSON becomes its message. */
function withName(name: string, line: string): string {
  try {
    const content: unknown = JSON.parse(line);
    if (typeof content === 'object' && content !== null) {
      return JSON.stringify({ name, ...content });
    }
  } catch {
    // A runtime may write text before the node's log begins.
  }
  return JSON.stringify({ name, message: line });
}

async function announce(
  cluster: LocalCluster,
  { replication }: NodeConfiguration,
  stopwatch: Stopwatch,
  json: boolean,
  io: Io,
): Promise<void> {
  if (json) {
    const nodes = cluster.nodes.map(({ name, pid, address, metrics }) => {
      return { name, pid, address, metrics };
    });
    await writeJson(io.stdout, { event: 'ready', elapsedMs: stopwatch.elapsedMs, nodes });
    return;
  }
  const lines = cluster.nodes.map(({ name, pid, address, metrics }) => {
    const figures = metrics === undefined ? '' : `, figures at http://${metrics}/metrics`;
    return `  ${name}  ${address ?? ''}  (process ${pid ?? 0}${figures})`;
  });
  const title = `ready after ${seconds(stopwatch.elapsedMs)}: ${lines.length} nodes, each key on ${replication} of them`;
  await write(io.stdout, [title, ...lines, ...usage(cluster), 'Ctrl-C stops them.', ''].join('\n'));
}

/** How to use a running cluster, in lines. */
export function usage({ addresses }: Pick<LocalCluster, 'addresses'>): readonly string[] {
  const [first = '', second = first] = addresses;
  return [
    'In another shell:',
    `  npx jbstore put greeting hello --connect ${first}`,
    `  npx jbstore get greeting --connect ${second}`,
    `  npx jbstore status --connect ${first}`,
  ];
}
