import { Component, type Context } from '@jbstore/core';
import { WebSocketNetwork, type WebSocketNetworkInit } from '@jbstore/network';
import { HostTimer } from '@jbstore/timer';

import { Administrator } from './administrator';
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
  readonly administration: Administrator['administration'];

  constructor(context: Context, init: ClientProcessInit) {
    super(context);
    const timer = this.create(HostTimer);
    const network = this.create(WebSocketNetwork, init.network);
    const follower = this.create(ViewFollower, init.follower);
    const frontEnd = this.create(FrontEnd, init.frontEnd);
    const survey = this.create(MemberSurvey);
    const administrator = this.create(Administrator);

    timer.timer.connect(follower.timer, frontEnd.timer, survey.timer, administrator.timer);
    network.network.connect(follower.network, frontEnd.network);
    network.network.connect(survey.network, administrator.network);
    network.status.connect(follower.status);
    follower.cluster.connect(frontEnd.cluster, survey.cluster, administrator.cluster);

    this.jb = frontEnd.jb;
    this.cluster = follower.cluster;
    this.surveying = survey.surveying;
    this.administration = administrator.administration;
  }
}
