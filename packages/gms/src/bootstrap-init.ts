import { Address, parseAddress } from '@jbstore/network/port';
import { z } from 'zod';

import { LonelyJoinError, ReplicationTooHighError, SelfJoinError } from './errors';
import { Settings } from './messages';
import { endpointOf } from './view';

const Reachable = Address.refine(
  (address) => parseAddress(address).host !== undefined,
  'an address with a host and a port',
);

export const BootstrapInit = Settings.extend({
  /** This process, and where it listens. */
  self: Reachable.refine(
    (address) => parseAddress(address).id !== undefined,
    'an address with a process id',
  ),
  /** The first node gathers the others, which join it at `@<host>:<port>`. */
  role: z.union([z.literal('first'), z.object({ join: Reachable })]),
  /** How often a join, or a view that was not acknowledged, is sent again. */
  retransmitMs: z.number().positive().default(1_000),
  /** How long the first node may be silent before a joiner gives up. */
  bootTimeoutMs: z.number().positive().default(60_000),
});
export type BootstrapInit = z.input<typeof BootstrapInit>;

/**
 * What the schema cannot say.
 *
 * @throws {@link ReplicationTooHighError} {@link SelfJoinError} {@link LonelyJoinError}
 */
export function checkedInit(init: BootstrapInit): z.output<typeof BootstrapInit> {
  const checked = BootstrapInit.parse(init);
  const { self, nodes, replication, role } = checked;
  if (replication > nodes) throw new ReplicationTooHighError(replication, nodes);
  if (role === 'first') return checked;
  const endpoint = endpointOf(role.join);
  if (endpoint === endpointOf(self)) throw new SelfJoinError(endpoint);
  if (nodes === 1) throw new LonelyJoinError(endpoint);
  return checked;
}
