import { Random } from '@jbstore/core';
import { ReplicationTooHighError } from '@jbstore/gms';
import {
  firstView,
  largestReplication,
  mostMembers,
  mostTokens,
  type View,
} from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Option, type Command } from 'commander';

import { wholeNumber } from './arguments';
import { type ConnectionOptions, withConnection, withStore } from './connection';
import { UsageError } from './errors';
import { explain } from './help';
import { type Io, write } from './io';
import { ringDrawing } from './ring-drawing';
import { figuresOf } from './ring-figures';
import { ringText } from './ring-text';

type RingOptions = ConnectionOptions & {
  readonly format: keyof typeof formats;
  readonly nodes?: number;
  readonly replication?: number;
  readonly placement: 'even' | 'ring';
  readonly tokens: number;
  readonly seed: string;
};

const formats = {
  text: ringText,
  svg: ringDrawing,
  json: (view: View) => `${JSON.stringify({ ...figuresOf(view), view })}\n`,
};

export function addRing(program: Command, io: Io): void {
  const command = program
    .command('ring')
    .summary('show who owns, leads and holds which part of the ring')
    .description(
      'Shows how the ring of keys is divided among the nodes of a cluster: the tokens by which they own it, who leads and holds each part, and how even that is. With --nodes it asks no cluster, but shows how one of that size would begin.',
    )
    .addOption(
      new Option('-F, --format <format>', 'text for terminals, svg for a picture, or json')
        .choices(Object.keys(formats))
        .default('text' satisfies RingOptions['format']),
    )
    .option('--nodes <count>', 'no cluster: so many nodes', wholeNumber(1, mostMembers))
    .option(
      '--replication <count>',
      'with --nodes: how many nodes hold each key (default: 3, or all)',
      wholeNumber(1, largestReplication),
    )
    .addOption(
      new Option('--placement <how>', 'with --nodes: one token each, evenly; or tokens by chance')
        .choices(['even', 'ring'])
        .default('even' satisfies RingOptions['placement']),
    )
    .option('--tokens <count>', 'with --placement ring: so many each', wholeNumber(1, 1024), 16)
    .option('--seed <text>', 'with --placement ring: what the chance follows from', '1')
    .action(async (options: RingOptions) => {
      const view =
        options.nodes === undefined
          ? await withStore(options, ({ view }) => Promise.resolve(view))
          : imagined(options.nodes, options);
      await write(io.stdout, formats[options.json ? 'json' : options.format](view));
    });
  withConnection(command);
  explain(
    command,
    [
      'jbstore ring',
      'jbstore ring --format svg > ring.svg',
      'jbstore ring --nodes 5 --replication 3 --placement ring --tokens 16',
    ],
    ['unavailable'],
  );
}

/**
 * How a cluster of so many nodes would begin.
 * @throws {@link ReplicationTooHighError} {@link UsageError}
 */
function imagined(nodes: number, { placement, tokens, seed, ...options }: RingOptions): View {
  const replication = options.replication ?? Math.min(3, nodes);
  if (replication > nodes) throw new ReplicationTooHighError(replication, nodes);
  if (placement === 'ring' && nodes * tokens > mostTokens) {
    throw new UsageError(
      `${nodes} nodes with ${tokens} tokens each are more than ${mostTokens} tokens: give fewer`,
    );
  }
  const addresses = Array.from({ length: nodes }, (_, place) =>
    Address.parse(`node${place + 1}@127.0.0.1:${7100 + place}`),
  );
  const settings = { clusterId: 'imagined', replication, register: 'multi-writer' } as const;
  const ring = { tokensPerMember: tokens, random: new Random(seed) };
  return firstView(settings, addresses, placement === 'ring' ? ring : undefined);
}
