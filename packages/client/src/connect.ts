import { System } from '@jbstore/core';
import type { View } from '@jbstore/gms/port';
import type { Recorder } from '@jbstore/linearizability';
import { ProcessId, address, type Address } from '@jbstore/network/port';
import { z } from 'zod';

import { ClientProcess } from './assembly';
import { CannotConnectError, InvalidArgumentError } from './errors';
import { NotReached, ViewLearned } from './port';
import { Store } from './store';

/** The port of a node, where none is given. */
export const defaultPort = 7100;

/** The longest time that a timer of Node takes. */
const longestPatienceMs = 2 ** 31 - 1;

export const ConnectOptions = z.object({
  /** Must be that of the nodes. */
  clusterId: z.string().min(1).default('jbstore'),
  /** How long a call waits for its answer unless it says so itself, and connecting at most. */
  timeoutMs: z.number().positive().default(5_000),
  /** How long a node may take before another one is asked too, and later calls avoid it. */
  attemptMs: z.number().positive().default(500),
  /** The most calls at one time; more reject at once. */
  mostCalls: z.int().positive().default(100_000),
});
export type ConnectOptions = z.input<typeof ConnectOptions> & {
  /** Aborts the connecting. */
  readonly signal?: AbortSignal;
  /**
   * Is told of every put and get, so that `check` of `@jbstore/linearizability`, or `jbstore check`, can say
   * whether the store kept its promise. Several stores of one program may share one.
   */
  readonly recorder?: Recorder;
};

/**
 * Connects with the cluster of which some nodes are at `addresses`, each `host:port`.
 *
 * @throws {@link CannotConnectError} when no node has told the view in time, with the reason
 * @throws {@link InvalidArgumentError} {@link InvalidAddressError}
 *
 * @example
 * ```ts
 * import { connect } from '@jbstore/client';
 *
 * async function greet(): Promise<void> {
 *   await using store = await connect(['127.0.0.1:7100']);
 *   await store.put('greeting', 'hello');
 *   console.log(await store.getText('greeting'));
 * }
 * ```
 */
export async function connect(
  addresses: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Store> {
  const { signal, recorder, ...rest } = options;
  const { clusterId, timeoutMs, attemptMs, mostCalls } = checked(rest);
  const places = typeof addresses === 'string' ? [addresses] : addresses;
  if (places.length === 0) {
    throw new InvalidArgumentError('name at least one node to connect with, as host:port');
  }
  const contacts = places.map(contactOf);
  signal?.throwIfAborted();

  const system = new System('client');
  const id = ProcessId.parse(system.seed);
  const client = system.create(ClientProcess, {
    network: { id, clusterId },
    follower: { contacts },
    frontEnd: { timeoutMs, attemptMs, mostCalls },
  });
  try {
    const learning = learnView(system, client, contacts, timeoutMs, signal);
    await system.start();
    return new Store(system, client, await learning, {
      timeoutMs,
      ...(recorder && { recorder }),
    });
  } catch (error) {
    await system.kill();
    if (error instanceof Unlearned) throw new CannotConnectError(places, error.message);
    throw error;
  }
}

function checked(options: z.input<typeof ConnectOptions>): z.output<typeof ConnectOptions> {
  const { data, error } = ConnectOptions.safeParse(options);
  if (data) return data;
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new InvalidArgumentError(`cannot connect with these options: ${issues.join('; ')}`);
}

/** No contact has told the view; the message says why. */
class Unlearned extends Error {}

async function learnView(
  system: System,
  client: ClientProcess,
  contacts: readonly Address[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<View> {
  const cluster = system.clientOf(client.cluster);
  const reasons = new Map<Address, string>();
  const refused = new Set<Address>();
  const patience = AbortSignal.timeout(Math.min(timeoutMs, longestPatienceMs));
  const settled = new AbortController();
  const learning = new Promise<View>((resolve, reject) => {
    const giveUp = (): void => {
      const said = [...reasons].map(([contact, reason]) => `${contact}: ${reason}`);
      reject(new Unlearned(said.join('; ') || 'nobody answers there'));
    };
    cluster.upon(ViewLearned, ({ view }) => {
      resolve(view);
    });
    cluster.upon(NotReached, ({ contact, reason, final }) => {
      reasons.set(contact, reason);
      if (final) refused.add(contact);
      if (contacts.every((other) => refused.has(other))) giveUp();
    });
    patience.addEventListener('abort', giveUp, { signal: settled.signal });
    const abort = (): void => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { signal: settled.signal });
    system.terminated.catch(reject);
  });
  return await learning.finally(() => {
    settled.abort();
  });
}

/** @throws {@link InvalidAddressError} */
function contactOf(place: string): Address {
  const [, host = place, port] = /^(.*?)(?::([0-9]+))?$/.exec(place) ?? [];
  return address({ host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) });
}
