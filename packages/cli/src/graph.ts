import { toDot, toMermaid, type Graph } from '@jbstore/core';
import { graphOfNode, parseGraph, readConfiguration, settingDescriptions } from '@jbstore/node';
import { Option, type Command } from 'commander';
import { types } from 'node:util';

import { duration, endpoint } from './arguments';
import { SilentNodeError, UsageError } from './errors';
import { codeOf } from './exit-code';
import { explain } from './help';
import { type Io, write } from './io';
import { nodeFlagsOf, withNodeFlags, type NodeFlags } from './node-flags';

type GraphOptions = NodeFlags & {
  readonly node?: string;
  readonly format: Format;
  readonly plain?: true;
  readonly timeout: number;
  readonly config?: string;
  readonly onlyFlags?: true;
};

type Format = keyof typeof formats;

const formats = {
  mermaid: (graph: Graph, live: boolean) => toMermaid(graph, { live }),
  dot: (graph: Graph, live: boolean) => toDot(graph, { live }),
  json: (graph: Graph, live: boolean) => `${JSON.stringify(live ? graph : plain(graph))}\n`,
};

export function addGraph(program: Command, io: Io): void {
  const command = program
    .command('graph')
    .summary('draw the components of a node, and how they are joined')
    .description(
      'Draws the components, ports and channels of a node: an arrow goes from who requires to who provides. Without --node it assembles a node with the settings given here, starts nothing, and draws that; the same in every run. With --node it asks a running one, and also shows what each component has handled, how much waits, and what is not started.',
    )
    .addOption(
      new Option('--node <host:port>', 'ask the node that serves its figures there').argParser(
        endpoint,
      ),
    )
    .addOption(
      new Option('-F, --format <format>', 'mermaid for Markdown, dot for Graphviz, or json')
        .choices(Object.keys(formats))
        .default('mermaid' satisfies Format),
    )
    .option('--plain', 'with --node: without what changes from moment to moment')
    .addOption(
      new Option('-t, --timeout <time>', 'with --node: how long it may take to answer')
        .argParser(duration)
        .default(5_000, '5s'),
    )
    .addOption(new Option('--only-flags', 'ignore environment and files').hideHelp())
    .action(async (options: GraphOptions) => {
      const { node, format, timeout: timeoutMs } = options;
      const graph = node === undefined ? await assembled(options) : await asked(node, timeoutMs);
      const live = node !== undefined && options.plain !== true;
      await write(io.stdout, formats[format](graph, live));
    });
  // Of the settings, these alone decide of which components a node consists.
  const others = settingDescriptions.map(({ setting }) => setting);
  withNodeFlags(
    command,
    others.filter((setting) => setting !== 'register'),
  );
  explain(
    command,
    [
      'jbstore graph',
      'jbstore graph --register single-writer --format dot | dot -Tsvg > node.svg',
      'jbstore graph --node 127.0.0.1:9100',
    ],
    ['unavailable'],
  );
}

/** The graph of a node that is not running. */
function assembled(options: GraphOptions): Promise<Graph> {
  const flags = nodeFlagsOf(options);
  const { env: environment } = process;
  const elsewhere = { environment, file: options.config, directory: process.cwd() };
  return graphOfNode(readConfiguration(options.onlyFlags ? { flags } : { flags, ...elsewhere }));
}

/**
 * The graph of the running node that serves its figures at `place`.
 * @throws {@link SilentNodeError}, or {@link UsageError} if something else answers
 */
async function asked(place: string, timeoutMs: number): Promise<Graph> {
  let status: number;
  let text: string;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`http://${place}/graph`, { signal, redirect: 'manual' });
    status = response.status;
    text = await response.text();
  } catch (error) {
    const reason = signal.aborted ? `silent for ${timeoutMs} ms` : reasonOf(error);
    throw new SilentNodeError(place, reason, { cause: error });
  }
  const graph = status === 200 ? parseGraph(text) : undefined;
  if (graph) return graph;
  throw new UsageError(
    `what answers at ${place} (status ${status}) does not serve the graph of a JBstore node: ` +
      'give the port that the node was told by --metrics-port',
  );
}

/** `fetch` only says that it failed; why, its cause says. */
function reasonOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const { cause } = error;
  return codeOf(cause) ?? (types.isNativeError(cause) ? cause.message : error.message);
}

/** What is the same in every run. */
function plain({ components, channels }: Graph): object {
  return {
    components: components.map(({ path, type, ports }) => ({ path, type, ports })),
    channels,
  };
}
