import { Component, type Context, type ProvidedPort } from '@jbstore/core';
import { IncreasingTimeout, type IncreasingTimeoutInit } from '@jbstore/epfd';
import { StaticMembership, ViewService, type StaticMembershipInit } from '@jbstore/gms';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import type { Network, NetworkStatus } from '@jbstore/network/port';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { KeyValueStore, RangeScan } from '@jbstore/store';
import { HostTimer } from '@jbstore/timer';
import type { Timer } from '@jbstore/timer/port';

/** What a member stands on: time, and links to the other processes. */
export interface Ground {
  readonly timer: ProvidedPort<typeof Timer>;
  readonly network: ProvidedPort<typeof Network>;
  readonly status: ProvidedPort<typeof NetworkStatus>;
}

/** What the components of a {@link StoreMember} are told. */
export interface StoreMemberInit {
  readonly epfd: IncreasingTimeoutInit;
  readonly membership: StaticMembershipInit;
  /** How often the store looks at its deadlines; it knows itself, if nothing is said. */
  readonly tickMs?: number;
}

/** What makes a process a member of a JBstore cluster, on any ground. */
export class StoreMember extends Component {
  readonly membership;

  constructor(context: Context, { timer, network, status }: Ground, init: StoreMemberInit) {
    super(context);
    const { tickMs } = init;
    const { self, register: kind } = init.membership;

    const epfd = this.create(IncreasingTimeout, init.epfd);
    const membership = this.create(StaticMembership, init.membership);
    const views = this.create(ViewService);
    const register =
      kind === 'single-writer'
        ? this.create(ReadImposeWriteMajority, { self })
        : this.create(ReadImposeWriteConsultMajority, { self });
    const store = this.create(KeyValueStore, { self, tickMs });
    const scan = this.create(RangeScan, { self, tickMs });

    timer.connect(epfd.timer, membership.timer, views.timer);
    timer.connect(register.timer, store.timer, scan.timer);
    network.connect(epfd.network, membership.network, views.network);
    network.connect(register.network, store.network, scan.network);
    status.connect(membership.networkStatus, views.networkStatus);
    epfd.epfd.connect(membership.epfd);
    membership.membership.connect(views.membership, store.membership, scan.membership);
    register.register.connect(store.register);
    register.directory.connect(scan.directory);

    this.membership = membership.membership;
  }
}

export interface StoreNodeInit extends StoreMemberInit {
  readonly network: WebSocketNetworkInit;
}

/** A node of production: a member, on real time and WebSockets. */
export class StoreNode extends Component {
  readonly timer;
  readonly network;
  readonly status;
  readonly membership;

  constructor(context: Context, init: StoreNodeInit) {
    super(context);
    const { timer } = this.create(HostTimer);
    const { network, status } = this.create(WebSocketNetwork, init.network);
    const { membership } = this.create(StoreMember, { timer, network, status }, init);

    this.timer = timer;
    this.network = network;
    this.status = status;
    this.membership = membership;
  }
}
