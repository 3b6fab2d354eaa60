import { Component, type Context } from '@jbstore/core';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import { HostTimer } from '@jbstore/timer';

import { FrontEnd } from './front-end';
import type { FrontEndInit } from './front-end-init';
import { MemberSurvey } from './member-survey';
import { ViewFollower, type ViewFollowerInit } from './view-follower';

export interface ClientProcessInit {
  readonly network: WebSocketNetworkInit;
  readonly follower: ViewFollowerInit;
  readonly frontEnd: FrontEndInit;
}

/** A process that uses a cluster and is no member of it: a front end, and what it stands on. */
export class ClientProcess extends Component {
  readonly jb: FrontEnd['jb'];
  readonly cluster: ViewFollower['cluster'];
  readonly surveying: MemberSurvey['surveying'];

  constructor(context: Context, init: ClientProcessInit) {
    super(context);
    const timer = this.create(HostTimer);
    const network = this.create(WebSocketNetwork, init.network);
    const follower = this.create(ViewFollower, init.follower);
    const frontEnd = this.create(FrontEnd, init.frontEnd);
    const survey = this.create(MemberSurvey);

    timer.timer.connect(follower.timer, frontEnd.timer, survey.timer);
    network.network.connect(follower.network, frontEnd.network, survey.network);
    network.status.connect(follower.status);
    follower.cluster.connect(frontEnd.cluster, survey.cluster);

    this.jb = frontEnd.jb;
    this.cluster = follower.cluster;
    this.surveying = survey.surveying;
  }
}
