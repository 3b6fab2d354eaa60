/**
 * A node of one's own: the components of the store, and one more beside them, on the same network and
 * timer. It tells the other members how it is loaded, and prints what they tell.
 */
import { connect } from '@jbstore/client';
import { Component, Start, System, type Context } from '@jbstore/core';
import type { BootstrapInit } from '@jbstore/gms';
import { Membership, NewView } from '@jbstore/gms/port';
import { WebSocketNetwork } from '@jbstore/network';
import { Address, Network, ProcessId, address, message, parseAddress } from '@jbstore/network/port';
import { StoreMember } from '@jbstore/node';
import { HostClock, HostTimer } from '@jbstore/timer';
import { SchedulePeriodicTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

class Load extends message('example/Load', { percent: z.int().min(0).max(100) }) {}

class Tell extends Timeout {}

/** Tells every other member, once a period, how loaded this one is. */
class LoadGossip extends Component {
  readonly network = this.requires(Network);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  #others: readonly Address[] = [];

  constructor(context: Context, self: Address, heard: (line: string) => void) {
    super(context);
    const random = context.random('load');

    this.control.upon(Start, () => {
      this.timer.next(new SchedulePeriodicTimeout(50, new Tell()));
    });

    this.membership.upon(NewView, ({ view }) => {
      const members = view.members.map((member) => member.address);
      this.#others = members.filter((member) => member !== self);
    });

    this.timer.upon(Tell, () => {
      const percent = random.int(101);
      for (const other of this.#others) this.network.next(new Load(other, { percent }));
    });

    this.network.upon(Load, ({ source, percent }) => {
      if (percent <= 100) heard(`${self.slice(0, 2)} hears of the load of ${source.slice(0, 2)}`);
    });
  }
}

/** The assembly: every component, then every channel. */
class CustomNode extends Component {
  constructor(context: Context, init: BootstrapInit, heard: (line: string) => void) {
    super(context);
    const { self, clusterId } = init;
    const { id = ProcessId.parse('nobody'), host = '', port = 0 } = parseAddress(self);

    const { timer } = this.create(HostTimer);
    const { clock } = this.create(HostClock);
    const { network, status } = this.create(WebSocketNetwork, {
      id,
      clusterId,
      listen: { host, port },
    });
    const member = this.create(
      StoreMember,
      { timer, clock, network, status },
      { epfd: {}, membership: init },
    );
    const gossip = this.create(LoadGossip, Address.parse(self), heard);

    timer.connect(gossip.timer);
    network.connect(gossip.network);
    member.membership.connect(gossip.membership);
  }
}

async function main(ports: readonly number[]): Promise<void> {
  const heard = new Set<string>();
  const settings = {
    clusterId: 'example',
    nodes: ports.length,
    replication: 2,
    register: 'multi-writer',
  } as const;
  const first = address({ host: '127.0.0.1', port: ports[0] });
  const systems = ports.map((port, index) => {
    const self = address({ id: ProcessId.parse(`n${String(index)}`), host: '127.0.0.1', port });
    const role = index === 0 ? 'first' : { join: first };
    const system = new System(`n${String(index)}`);
    system.create(CustomNode, { self, role, ...settings }, (line) => heard.add(line));
    return system;
  });
  await Promise.all(systems.map((system) => system.start()));

  await using store = await connect(`127.0.0.1:${String(ports[0])}`, { clusterId: 'example' });
  await store.put('greeting', 'hello');
  console.log('the store says', await store.getText('greeting'));

  while (heard.size < ports.length * (ports.length - 1)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.log([...heard].sort().join('\n'));
  await store.close();
  await Promise.all(systems.map((system) => system[Symbol.asyncDispose]()));
}

const given = process.argv.slice(2).map(Number);
void main(given.length > 0 ? given : [7200, 7201, 7202]);
