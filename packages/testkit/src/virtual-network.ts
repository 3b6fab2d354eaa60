import { Component, Start, type Context } from '@jbstore/core';
import {
  ConnectionRefused,
  Listening,
  MalformedMessageError,
  Message,
  Network,
  NetworkStatus,
  parseAddress,
  type Address,
} from '@jbstore/network/port';

import type { VirtualWire } from './virtual-wire';

/** What a process is on the wire. */
export interface VirtualNetworkInit {
  readonly wire: VirtualWire;
  readonly self: Address;
  /** Processes of different clusters refuse one another. */
  readonly clusterId?: string;
}

/**
 * Implements {@link Network} over a {@link VirtualWire}: as perfect as the rules of the wire are. As with
 * every network, to send what does not fit its own schema is a fault.
 */
export class VirtualNetwork extends Component {
  readonly network = this.provides(Network);
  readonly status = this.provides(NetworkStatus);

  constructor(context: Context, { wire, self, clusterId = 'virtual' }: VirtualNetworkInit) {
    super(context);
    const unplug = wire.plug({
      self,
      clusterId,
      deliver: context.edge((message: Message) => {
        this.network.next(message);
      }),
      refused: context.edge(
        (
          peer: Address,
          code: 'ERR_WRONG_PROCESS' | 'ERR_FOREIGN_CLUSTER',
          expected: string,
          found: string,
        ) => {
          const text = `expected ${expected} at ${peer}, found ${found}`;
          this.status.next(new ConnectionRefused(peer, code, text, expected, found));
        },
      ),
    });

    this.control.upon(Start, () => {
      if (parseAddress(self).host !== undefined) this.status.next(new Listening(self));
    });

    this.network.upon(Message, (message) => {
      const { type, schema } = message.declaration;
      const { error } = schema.safeParse(message);
      if (error) throw new MalformedMessageError(type, error.issues.map(described));
      wire.send(self, message);
    });

    context.onRelease(unplug);
  }
}

function described({ path, message }: { path: readonly PropertyKey[]; message: string }): string {
  return `${path.map(String).join('.')}: ${message}`;
}
