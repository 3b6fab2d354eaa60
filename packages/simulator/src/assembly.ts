import { Component, type Context } from '@jbstore/core';
import {
  Administrator,
  FrontEnd,
  ViewFollower,
  type FrontEndInit,
  type ViewFollowerInit,
} from '@jbstore/client';
import { StoreMember, type StoreMemberInit } from '@jbstore/node';
import { HostClock, HostTimer } from '@jbstore/timer';

import { SimulatedNetwork, type Socket } from './simulated-network';

/** What clients of production say, and how a history tells of it. */
export {
  AskChange,
  ChangeAnswered,
  recordedAs,
  resultOf,
  type Administration,
} from '@jbstore/client';

/** A node of production, but for its ground: time and links are simulated. */
export class SimulatedNode extends Component {
  readonly membership;

  constructor(context: Context, socket: Socket, init: StoreMemberInit) {
    super(context);
    const { timer } = this.create(HostTimer);
    const { clock } = this.create(HostClock);
    const { network, status } = this.create(SimulatedNetwork, socket);
    const { membership } = this.create(StoreMember, { timer, clock, network, status }, init);

    this.membership = membership;
  }
}

export interface SimulatedClientInit {
  readonly follower: ViewFollowerInit;
  readonly frontEnd: FrontEndInit;
}

/** A client of production, wired as its `ClientProcess`, on simulated ground. */
export class SimulatedClient extends Component {
  readonly jb;

  constructor(context: Context, socket: Socket, init: SimulatedClientInit) {
    super(context);
    const { timer } = this.create(HostTimer);
    const { network, status } = this.create(SimulatedNetwork, socket);
    const follower = this.create(ViewFollower, init.follower);
    const frontEnd = this.create(FrontEnd, init.frontEnd);

    timer.connect(follower.timer, frontEnd.timer);
    network.connect(follower.network, frontEnd.network);
    status.connect(follower.status);
    follower.cluster.connect(frontEnd.cluster);

    this.jb = frontEnd.jb;
  }
}

/** Who changes a cluster from outside, on simulated ground. */
export class SimulatedOperator extends Component {
  readonly administration;

  constructor(context: Context, socket: Socket, init: ViewFollowerInit) {
    super(context);
    const { timer } = this.create(HostTimer);
    const { network, status } = this.create(SimulatedNetwork, socket);
    const follower = this.create(ViewFollower, init);
    const administrator = this.create(Administrator);

    timer.connect(follower.timer, administrator.timer);
    network.connect(follower.network, administrator.network);
    status.connect(follower.status);
    follower.cluster.connect(administrator.cluster);

    this.administration = administrator.administration;
  }
}
