import type { Component, IndicationOf, RequestOf, System } from '@jbstore/core';
import { FrontEnd, ViewFollower } from '@jbstore/client';
import { IncreasingTimeout } from '@jbstore/epfd';
import { StaticMembership, ViewService } from '@jbstore/gms';
import { ProcessId, address, type Address } from '@jbstore/network/port';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import { KeyValueStore, RangeScan } from '@jbstore/store';
import type { JBStore } from '@jbstore/store/port';
import { Processes, type Probe, type Process, type VirtualNetwork } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

type Answers = Probe<IndicationOf<typeof JBStore>, RequestOf<typeof JBStore>>;

export interface VirtualClusterOptions {
  readonly seed?: string;
  readonly nodes?: number;
  readonly replication?: number;
  readonly register?: 'multi-writer' | 'single-writer';
}

/** Nodes and clients of production, but for the network and the time, in one process. */
export class VirtualCluster {
  readonly processes: Processes;
  readonly nodes: readonly Process<Component>[];
  readonly addresses: readonly Address[];

  constructor({
    seed = 'cluster',
    nodes = 3,
    replication = 3,
    register = 'multi-writer',
  }: VirtualClusterOptions = {}) {
    this.processes = new Processes(seed);
    this.addresses = Array.from({ length: nodes }, (_, index) =>
      address({ id: ProcessId.parse(`n${String(index)}`), host: '10.0.0.1', port: 7100 + index }),
    );
    const first = address({ host: '10.0.0.1', port: 7100 });
    this.nodes = this.addresses.map((self, index) =>
      this.processes.create(self, (system, network) => {
        const role = index === 0 ? ('first' as const) : { join: first };
        const settings = { clusterId: 'test', nodes, replication, register };
        return assembleNode(system, network, { self, role, ...settings });
      }),
    );
  }

  /** A client process with a front end; its requests are made, and answered, at the probe. */
  client(name: string): Answers {
    const self = address({ id: ProcessId.parse(name) });
    const contacts = [address({ host: '10.0.0.1', port: 7100 })];
    const process = this.processes.create(self, (system, network) => {
      const timer = system.create(HostTimer);
      const follower = system.create(ViewFollower, { contacts });
      const frontEnd = system.create(FrontEnd, {});
      timer.timer.connect(follower.timer, frontEnd.timer);
      network.network.connect(follower.network, frontEnd.network);
      network.status.connect(follower.status);
      follower.cluster.connect(frontEnd.cluster);
      return frontEnd;
    });
    return process.clientOf(process.component.jb);
  }
}

function assembleNode(
  system: System,
  network: VirtualNetwork,
  settings: ConstructorParameters<typeof StaticMembership>[1],
): Component {
  const { self } = settings;
  const timer = system.create(HostTimer);
  const epfd = system.create(IncreasingTimeout, {});
  const membership = system.create(StaticMembership, settings);
  const views = system.create(ViewService);
  const register =
    settings.register === 'single-writer'
      ? system.create(ReadImposeWriteMajority, { self })
      : system.create(ReadImposeWriteConsultMajority, { self });
  const store = system.create(KeyValueStore, { self });
  const scan = system.create(RangeScan, { self });
  timer.timer.connect(epfd.timer, membership.timer, views.timer, register.timer);
  timer.timer.connect(store.timer, scan.timer);
  network.network.connect(epfd.network, membership.network, views.network, register.network);
  network.network.connect(store.network, scan.network);
  network.status.connect(membership.networkStatus, views.networkStatus);
  epfd.epfd.connect(membership.epfd);
  membership.membership.connect(views.membership, store.membership, scan.membership);
  register.register.connect(store.register);
  register.directory.connect(scan.directory);
  return store;
}
