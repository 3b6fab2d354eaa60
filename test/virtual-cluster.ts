import type { Component, IndicationOf, RequestOf } from '@jbstore/core';
import { FrontEnd, ViewFollower } from '@jbstore/client';
import type { RegisterKind } from '@jbstore/gms/port';
import { ProcessId, address, type Address } from '@jbstore/network/port';
import { StoreMember } from '@jbstore/node';
import type { JBStore } from '@jbstore/store/port';
import { Processes, type Probe, type Process } from '@jbstore/testkit';
import { HostClock, HostTimer } from '@jbstore/timer';

type Answers = Probe<IndicationOf<typeof JBStore>, RequestOf<typeof JBStore>>;

export interface VirtualClusterOptions {
  readonly seed?: string;
  readonly nodes?: number;
  readonly replication?: number;
  readonly register?: RegisterKind;
  /** How far the clock of each node is ahead of that of the next one. */
  readonly clocksApartMs?: number;
}

/** Nodes and clients of production, but for the network and the time, in one process. */
export class VirtualCluster {
  readonly processes: Processes;
  readonly nodes: readonly Process<Component>[];
  /** Their ids are a, b, c and so on. */
  readonly addresses: readonly Address[];
  readonly #options: Required<VirtualClusterOptions>;

  constructor({
    seed = 'cluster',
    nodes = 3,
    replication = 3,
    register = 'multi-writer',
    clocksApartMs = 0,
  }: VirtualClusterOptions = {}) {
    this.#options = { seed, nodes, replication, register, clocksApartMs };
    this.processes = new Processes(seed);
    this.addresses = Array.from({ length: nodes }, (_, index) => {
      const id = ProcessId.parse(String.fromCharCode(97 + index));
      return address({ id, host: '10.0.0.1', port: 7100 + index });
    });
    this.nodes = this.addresses.map((self) => this.begin(self));
  }

  /** Makes the node at `self`; one that is there already ends as by SIGKILL. It starts with the others. */
  begin(self: Address): Process<Component> {
    const { nodes, replication, register, clocksApartMs } = this.#options;
    const clockAheadMs = (nodes - this.addresses.indexOf(self)) * clocksApartMs;
    const first = address({ host: '10.0.0.1', port: 7100 });
    const role = self === this.addresses[0] ? ('first' as const) : { join: first };
    const membership = { self, role, clusterId: 'test', nodes, replication, register };
    return this.processes.create(
      self,
      (system, network) => {
        const { timer } = system.create(HostTimer);
        const { clock } = system.create(HostClock);
        const ground = { timer, clock, network: network.network, status: network.status };
        return system.create(StoreMember, ground, { epfd: {}, membership });
      },
      { clockAheadMs },
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
