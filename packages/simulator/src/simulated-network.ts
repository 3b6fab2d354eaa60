import { Component, Start, type Context, type IndicationOf } from '@jbstore/core';
import {
  Listening,
  Message,
  Network,
  NetworkStatus,
  parseAddress,
  type Address,
} from '@jbstore/network/port';

/** The wire, as one process reaches it. */
export interface Socket {
  readonly self: Address;
  send(message: Message): void;
  /** From now on what arrives, and what becomes of connections, is told there. */
  open(
    deliver: (message: Message) => void,
    tell: (indication: IndicationOf<typeof NetworkStatus>) => void,
  ): void;
}

/** Provides {@link Network} and {@link NetworkStatus} over a simulated wire. */
export class SimulatedNetwork extends Component {
  readonly network = this.provides(Network);
  readonly status = this.provides(NetworkStatus);

  constructor(context: Context, socket: Socket) {
    super(context);
    const deliver = context.edge((message: Message) => {
      this.network.next(message);
    });
    const tell = context.edge((indication: IndicationOf<typeof NetworkStatus>) => {
      this.status.next(indication);
    });

    this.control.upon(Start, () => {
      socket.open(deliver, tell);
      const { host } = parseAddress(socket.self);
      if (host !== undefined) this.status.next(new Listening(socket.self));
    });

    this.network.upon(Message, (message) => {
      socket.send(message);
    });
  }
}
