import { invariant } from '@jbstore/core';
import { address, parseAddress, type Address } from '@jbstore/network/port';

import type { StoreNodeInit } from './assembly';
import { parseEndpoint } from './endpoint';
import type { NodeConfiguration } from './settings';

/** What the components of the node `self` are told, by its configuration. */
export function storeNodeInit(self: Address, configuration: NodeConfiguration): StoreNodeInit {
  const {
    host,
    advertiseHost = host,
    port,
    join,
    clusterId,
    nodes,
    replication,
    register,
  } = configuration;
  const { bootTimeoutMs, queuedMessages, queuedBytes, outageMs } = configuration;
  const { id } = parseAddress(self);
  invariant(id !== undefined, 'a node has an id');
  const first = join === undefined ? undefined : parseEndpoint(join);
  return {
    fewestTombstones: configuration.fewestTombstones,
    network: {
      id,
      clusterId,
      listen: { host, port },
      advertise: { host: advertiseHost, port },
      queuedMessages,
      queuedBytes,
      outageMs,
    },
    epfd: {
      initialDelayMs: configuration.heartbeatDelayMs,
      deltaMs: configuration.heartbeatIncreaseMs,
    },
    membership: {
      self,
      clusterId,
      nodes,
      replication,
      register,
      bootTimeoutMs,
      role: first ? { join: address(first) } : 'first',
    },
  };
}
