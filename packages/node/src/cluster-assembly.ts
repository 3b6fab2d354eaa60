import { SingleDecreePaxos } from '@jbstore/consensus';
import { Component, type Context, type ProvidedPort } from '@jbstore/core';
import { MonarchicalLeaderDetection } from '@jbstore/eld';
import { IncreasingTimeout, type IncreasingTimeoutInit } from '@jbstore/epfd';
import {
  Bootstrap,
  GroupMembership,
  Reconfiguration,
  ViewService,
  type BootstrapInit,
  type ReconfigurationInit,
} from '@jbstore/gms';
import type { Network, NetworkStatus } from '@jbstore/network/port';
import type { Timer } from '@jbstore/timer/port';

/** What a member stands on: time, and links to the other processes. */
export interface Ground {
  readonly timer: ProvidedPort<typeof Timer>;
  readonly network: ProvidedPort<typeof Network>;
  readonly status: ProvidedPort<typeof NetworkStatus>;
}

/** What the components of a {@link ClusterMember} are told. */
export interface ClusterMemberInit {
  readonly epfd: IncreasingTimeoutInit;
  readonly membership: BootstrapInit;
  readonly reconfiguration?: Omit<ReconfigurationInit, 'self'>;
}

/** What makes a process belong to a cluster, whatever that does: it has views, and tells clients of them. */
export class ClusterMember extends Component {
  readonly membership;

  constructor(context: Context, { timer, network, status }: Ground, init: ClusterMemberInit) {
    super(context);
    const { self } = init.membership;

    const epfd = this.create(IncreasingTimeout, init.epfd);
    const leaders = this.create(MonarchicalLeaderDetection, { self });
    const paxos = this.create(SingleDecreePaxos, { self });
    const bootstrap = this.create(Bootstrap, init.membership);
    const membership = this.create(GroupMembership, { self });
    const reconfiguration = this.create(Reconfiguration, { self, ...init.reconfiguration });
    const views = this.create(ViewService);

    timer.connect(epfd.timer, leaders.timer, paxos.timer, bootstrap.timer);
    timer.connect(membership.timer, reconfiguration.timer, views.timer);
    network.connect(epfd.network, paxos.network, bootstrap.network);
    network.connect(membership.network, reconfiguration.network, views.network);
    status.connect(bootstrap.networkStatus, membership.networkStatus, views.networkStatus);
    epfd.epfd.connect(leaders.epfd, membership.epfd, reconfiguration.epfd);
    leaders.eld.connect(membership.eld, reconfiguration.eld);
    paxos.consensus.connect(membership.consensus, reconfiguration.consensus);
    bootstrap.bootstrapping.connect(membership.bootstrapping, reconfiguration.bootstrapping);
    membership.membership.connect(reconfiguration.membership, views.membership);

    this.membership = membership.membership;
  }
}
