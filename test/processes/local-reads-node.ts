/**
 * A node whose gets are answered from its own copy: the flawed register in the assembly of a member.
 * Arguments: its port, that of the first node, and for how many milliseconds at a time its messages to and
 * from the register wait, as on a slow link. Writes `ready` when it has a view; ends with its parent.
 */
import { randomBytes } from 'node:crypto';

import { Component, Start, System, type Channel, type Context } from '@jbstore/core';
import type { BootstrapInit } from '@jbstore/gms';
import { Membership, NewView } from '@jbstore/gms/port';
import { WebSocketNetwork } from '@jbstore/network';
import { Address, ProcessId, address } from '@jbstore/network/port';
import { ClusterMember } from '@jbstore/node';
import { ReadImposeWriteConsultMajority } from '@jbstore/register';
import { KeyValueStore, RangeScan } from '@jbstore/store';
import { HostTimer } from '@jbstore/timer';
import { SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';

import { LocalReads } from './local-reads';

class Herald extends Component {
  readonly membership = this.requires(Membership);

  constructor(context: Context) {
    super(context);
    this.membership.upon(NewView, () => {
      process.stdout.write('ready\n');
    });
  }
}

class Turn extends Timeout {}

/** Holds a channel and lets it go, by turns. */
class Lag extends Component {
  readonly timer = this.requires(Timer);

  constructor(context: Context, channel: Channel | undefined, lagMs: number) {
    super(context);
    let held = false;

    this.control.upon(Start, () => {
      if (lagMs > 0) this.timer.next(new SchedulePeriodicTimeout(lagMs, new Turn()));
    });

    this.timer.upon(Turn, () => {
      if (held) channel?.resume();
      else channel?.hold();
      held = !held;
    });
  }
}

interface Place {
  readonly port: number;
  readonly lagMs: number;
}

class LocalReadsNode extends Component {
  constructor(context: Context, id: ProcessId, init: BootstrapInit, { port, lagMs }: Place) {
    super(context);
    const self = Address.parse(init.self);

    const { timer } = this.create(HostTimer);
    const { network, status } = this.create(WebSocketNetwork, {
      id,
      clusterId: init.clusterId,
      listen: { host: '127.0.0.1', port },
    });
    const ground = { timer, network, status };
    const { membership } = this.create(ClusterMember, ground, { epfd: {}, membership: init });
    const register = this.create(ReadImposeWriteConsultMajority, { self });
    const localReads = this.create(LocalReads, self);
    const store = this.create(KeyValueStore, { self });
    const scan = this.create(RangeScan, { self });
    const herald = this.create(Herald);

    timer.connect(register.timer, store.timer, scan.timer);
    network.connect(store.network, scan.network);
    const [channel] = network.connect(register.network);
    timer.connect(this.create(Lag, channel, lagMs).timer);
    membership.connect(store.membership, scan.membership, herald.membership);
    register.register.connect(localReads.sound);
    localReads.register.connect(store.register);
    register.directory.connect(scan.directory);
  }
}

async function main([port = 0, firstPort = 0, lagMs = 0]: readonly number[]): Promise<void> {
  process.stdin.on('close', () => process.exit()).resume();
  const host = '127.0.0.1';
  const id = ProcessId.parse(randomBytes(16).toString('hex'));
  const init: BootstrapInit = {
    self: address({ id, host, port }),
    clusterId: 'jbstore',
    nodes: 5,
    replication: 5,
    register: 'multi-writer',
    role: port === firstPort ? 'first' : { join: address({ host, port: firstPort }) },
  };
  const system = new System(init.self);
  system.create(LocalReadsNode, id, init, { port, lagMs });
  await system.start();
  await system.terminated;
}

void main(process.argv.slice(2).map(Number));
