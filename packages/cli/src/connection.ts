import { connect, type Store } from '@jbstore/client';
import { Option, type Command } from 'commander';

import { duration, endpoints } from './arguments';

/** What every command that talks to a cluster can be told. */
export interface ConnectionOptions {
  readonly connect: readonly string[];
  /** The deadline of each request. */
  readonly timeout: number;
  readonly clusterId: string;
  readonly json?: true;
}

/** Adds the flags of {@link ConnectionOptions}. */
export function withConnection(command: Command): Command {
  return command
    .addOption(
      new Option('-c, --connect <host:port,…>', 'nodes of the cluster; one that answers is enough')
        .argParser(endpoints)
        .env('JBSTORE_CONNECT')
        .default(['127.0.0.1:7100'], '127.0.0.1:7100'),
    )
    .addOption(
      new Option('-t, --timeout <time>', 'how long a request may take, such as 500ms or 5s')
        .argParser(duration)
        .default(5_000, '5s'),
    )
    .option('--cluster-id <name>', 'refuse nodes of any other cluster', 'jbstore')
    .option('--json', 'write JSON: results to standard output, errors to standard error');
}

/** Connects, does `use`, and closes whatever happens. */
export async function withStore<Result>(
  { connect: addresses, timeout: timeoutMs, clusterId }: ConnectionOptions,
  use: (store: Store) => Promise<Result>,
): Promise<Result> {
  await using store = await connect(addresses, { clusterId, timeoutMs });
  return await use(store);
}
