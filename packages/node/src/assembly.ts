import { Component, type Context } from '@jbstore/core';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { KeyValueStore, RangeScan } from '@jbstore/store';
import { HostTimer } from '@jbstore/timer';

import { ClusterMember, type ClusterMemberInit, type Ground } from './cluster-assembly';

/** What the components of a {@link StoreMember} are told. */
export interface StoreMemberInit extends ClusterMemberInit {
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

    const { membership } = this.create(ClusterMember, { timer, network, status }, init);
    const register =
      kind === 'single-writer'
        ? this.create(ReadImposeWriteMajority, { self })
        : this.create(ReadImposeWriteConsultMajority, { self });
    const store = this.create(KeyValueStore, { self, tickMs });
    const scan = this.create(RangeScan, { self, tickMs });

    timer.connect(register.timer, store.timer, scan.timer);
    network.connect(register.network, store.network, scan.network);
    membership.connect(store.membership, scan.membership);
    register.register.connect(store.register);
    register.directory.connect(scan.directory);

    this.membership = membership;
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
