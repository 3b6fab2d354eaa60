import { Component, type Context } from '@jbstore/core';
import { IncreasingTimeout, type IncreasingTimeoutInit } from '@jbstore/epfd';
import { StaticMembership, type StaticMembershipInit } from '@jbstore/gms';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import type { Address } from '@jbstore/network/port';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { KeyValueStore, RangeScan } from '@jbstore/store';
import { HostTimer } from '@jbstore/timer';

/** What each component of a {@link StoreNode} is told. */
export interface StoreNodeInit {
  readonly self: Address;
  readonly network: WebSocketNetworkInit;
  readonly epfd: IncreasingTimeoutInit;
  readonly membership: StaticMembershipInit;
}

/** A member of a JBstore cluster: every component, then every channel. Reads like the README's picture. */
export class StoreNode extends Component {
  readonly timer;
  readonly status;
  readonly membership;

  constructor(context: Context, init: StoreNodeInit) {
    super(context);
    const { self } = init;
    const singleWriter = init.membership.register === 'single-writer';

    const timer = this.create(HostTimer);
    const network = this.create(WebSocketNetwork, init.network);
    const epfd = this.create(IncreasingTimeout, init.epfd);
    const membership = this.create(StaticMembership, init.membership);
    const register = singleWriter
      ? this.create(ReadImposeWriteMajority, { self })
      : this.create(ReadImposeWriteConsultMajority, { self });
    const store = this.create(KeyValueStore, { self });
    const scan = this.create(RangeScan, { self });

    timer.timer.connect(epfd.timer, membership.timer, register.timer, store.timer, scan.timer);
    network.network.connect(epfd.network, membership.network, register.network);
    network.network.connect(store.network, scan.network);
    network.status.connect(membership.networkStatus);
    epfd.epfd.connect(membership.epfd);
    membership.membership.connect(store.membership, scan.membership);
    register.register.connect(store.register);
    register.directory.connect(scan.directory);

    this.timer = timer.timer;
    this.status = network.status;
    this.membership = membership.membership;
  }
}
