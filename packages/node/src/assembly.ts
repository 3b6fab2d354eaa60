import { Component, type Context, type ProvidedPort } from '@jbstore/core';
import type { Membership } from '@jbstore/gms/port';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import type { RegisterDirectory } from '@jbstore/register/port';
import { SlotRegister, SlotTransfer } from '@jbstore/slot-register';
import { ExactlyOnceStore, KeyValueStore, RangeScan, SessionKeeper } from '@jbstore/store';
import { HostClock, HostTimer } from '@jbstore/timer';
import type { WallClock } from '@jbstore/timer/port';

import { ClusterMember, type ClusterMemberInit, type Ground } from './cluster-assembly';

/** What a member of a store stands on: time of day too, by which sessions of clients grow old. */
export interface StoreGround extends Ground {
  readonly clock: ProvidedPort<typeof WallClock>;
}

/** What the components of a {@link StoreMember} are told. */
export interface StoreMemberInit extends ClusterMemberInit {
  /** How often the store looks at its deadlines; it knows itself, if nothing is said. */
  readonly tickMs?: number;
  /** How long sessions of clients last; likewise. */
  readonly sessionLifetimeMs?: number;
  /** How often a node looks at the clock, and for tombstones; likewise. */
  readonly clockMs?: number;
  /** How many tombstones of a slot are worth a new epoch; likewise. */
  readonly fewestTombstones?: number;
}

type Directory = ProvidedPort<typeof RegisterDirectory>;

/** What makes a process a member of a JBstore cluster, on any ground. */
export class StoreMember extends Component {
  readonly membership: ProvidedPort<typeof Membership>;

  constructor(context: Context, ground: StoreGround, init: StoreMemberInit) {
    super(context);
    const { timer, network, status } = ground;
    const { self, register: kind } = init.membership;

    const { membership } = this.create(ClusterMember, { timer, network, status }, init);
    this.membership = membership;
    const scan = this.create(RangeScan, { self, tickMs: init.tickMs });

    timer.connect(scan.timer);
    network.connect(scan.network);
    membership.connect(scan.membership);
    const directory =
      kind === 'exactly-once' ? this.#exactlyOnce(ground, init) : this.#atMostOnce(ground, init);
    directory.connect(scan.directory);
  }

  /** Registers that perform each request exactly once. */
  #exactlyOnce({ timer, clock, network }: StoreGround, init: StoreMemberInit): Directory {
    const { tickMs, sessionLifetimeMs, clockMs, fewestTombstones } = init;
    const { self } = init.membership;
    const register = this.create(SlotRegister, { self, fewestTombstones });
    const transfer = this.create(SlotTransfer, {});
    const store = this.create(ExactlyOnceStore, { self, tickMs });
    const sessions = this.create(SessionKeeper, { sessionLifetimeMs, clockMs });

    timer.connect(register.timer, transfer.timer, store.timer, sessions.timer);
    clock.connect(sessions.clock);
    network.connect(register.network, transfer.network, store.network, sessions.network);
    this.membership.connect(register.membership, transfer.membership, store.membership);
    register.local.connect(transfer.slots);
    register.register.connect(store.register, sessions.register);
    return register.directory;
  }

  /** Registers of books, for views that do not change. */
  #atMostOnce({ timer, network }: StoreGround, { tickMs, membership }: StoreMemberInit): Directory {
    const { self, register: kind } = membership;
    const register =
      kind === 'single-writer'
        ? this.create(ReadImposeWriteMajority, { self })
        : this.create(ReadImposeWriteConsultMajority, { self });
    const store = this.create(KeyValueStore, { self, tickMs });

    timer.connect(register.timer, store.timer);
    network.connect(register.network, store.network);
    this.membership.connect(store.membership);
    register.register.connect(store.register);
    return register.directory;
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
    const { clock } = this.create(HostClock);
    const { network, status } = this.create(WebSocketNetwork, init.network);
    const { membership } = this.create(StoreMember, { timer, clock, network, status }, init);

    this.timer = timer;
    this.network = network;
    this.status = status;
    this.membership = membership;
  }
}
