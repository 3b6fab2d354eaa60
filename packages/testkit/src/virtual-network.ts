import { Component, Start, type Context } from '@jbstore/core';
import {
  ConnectionRefused,
  Listening,
  Message,
  Network,
  NetworkStatus,
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

/** Implements {@link Network} over a {@link VirtualWire}: as perfect as the rules of the wire are. */
export class VirtualNetwork extends Component {
  readonly network = this.provides(Network);
  readonly status = this.provides(NetworkStatus);

  constructor(context: Context, { wire, self, clusterId = 'virtual' }: VirtualNetworkInit) {
    super(context);
    wire.plug({
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
      this.status.next(new Listening(self));
    });

    this.network.upon(Message, (message) => {
      wire.send(self, message);
    });

    context.onRelease(() => {
      wire.unplug(self);
    });
  }
}
