import type { Address, Message, NetworkStatus, ProcessId } from '@jbstore/network/port';
import type { IndicationOf } from '@jbstore/core';

import type { Lane } from './lane';

/** One process, as the wire sees it. */
export interface Station {
  readonly self: Address;
  readonly id: ProcessId;
  /** Where it listens, as `host:port`; undefined if nowhere. */
  readonly endpoint: string | undefined;
  /** The name of its place in plans: later lives there have the same. */
  readonly place: string;
  readonly clusterId: string;
  /** Where what arrives waits for its turn. */
  readonly lane: Lane;
  deliver(message: Message): void;
  tell(indication: IndicationOf<typeof NetworkStatus>): void;
}
