// Copied into the folder of packed.test.ts as an ECMAScript module and as a CommonJS module: what a user
// writes who composes a node of components from the registry and one of their own, beside a store.
import { connect } from '@jbstore/client';
import { Component, Start, System, event, portType, type Context } from '@jbstore/core';
import { EventuallyPerfectFailureDetector } from '@jbstore/epfd/port';
import { Membership } from '@jbstore/gms/port';
import { WebSocketNetwork } from '@jbstore/network';
import {
  Listening,
  Network,
  ProcessId,
  address,
  message,
  parseAddress,
  type Address,
} from '@jbstore/network/port';
import { startNode } from '@jbstore/node';
import { AtomicRegister } from '@jbstore/register/port';
import { JBStore } from '@jbstore/store/port';
import { HostTimer } from '@jbstore/timer';
import { ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';
import { z } from 'zod';

export class Hello extends message('program/Hello', { name: z.string() }) {}
export class Answer extends message('program/Answer', { text: z.string() }) {}

export class Greet extends event('Greet') {
  constructor(
    readonly destination: Address,
    readonly name: string,
  ) {
    super();
  }
}

export class Greeted extends event('Greeted') {
  constructor(readonly text: string) {
    super();
  }
}

export const Greeter = portType('Greeter', { requests: [Greet], indications: [Greeted] });

class AnswerDue extends Timeout {
  constructor(readonly hello: Hello) {
    super();
  }
}

/** Greets other processes, and answers those who greet after a moment's thought. */
export class ThoughtfulGreeter extends Component {
  readonly greeter = this.provides(Greeter);
  readonly network = this.requires(Network);
  readonly timer = this.requires(Timer);

  #word = 'nothing';

  constructor(context: Context) {
    super(context);

    this.control.upon(Start, () => {
      this.#word = 'hello';
    });

    this.greeter.upon(Greet, ({ destination, name }) => {
      this.network.next(new Hello(destination, { name }));
    });

    this.network.upon(Hello, (hello) => {
      this.timer.next(new ScheduleTimeout(1, new AnswerDue(hello)));
    });

    this.timer.upon(AnswerDue, ({ hello }) => {
      this.network.next(new Answer(hello.source, { text: `${this.#word} ${hello.name}` }));
    });

    this.network.upon(Answer, ({ text }) => {
      this.greeter.next(new Greeted(text));
    });
  }
}

/** The wiring of a custom node. */
export class GreetingNode extends Component {
  readonly greeter;
  readonly status;

  constructor(context: Context, name: string) {
    super(context);
    const id = ProcessId.parse(name);
    const listen = { host: '127.0.0.1', port: 0 };

    const timer = this.create(HostTimer);
    const network = this.create(WebSocketNetwork, { id, clusterId: 'greeters', listen });
    const greeter = this.create(ThoughtfulGreeter);

    timer.timer.connect(greeter.timer);
    network.network.connect(greeter.network);

    this.greeter = greeter.greeter;
    this.status = network.status;
  }
}

async function greet(): Promise<string> {
  await using host = new System('host');
  await using guest = new System('guest');
  const listening = listeningOf(host, host.create(GreetingNode, 'host'));
  const greeter = guest.clientOf(guest.create(GreetingNode, 'guest').greeter);
  await host.start();
  await guest.start();

  const greeted = new Promise<string>((resolve) => {
    greeter.upon(Greeted, ({ text }) => {
      resolve(text);
    });
  });
  greeter.next(new Greet(await listening, 'world'));
  return await greeted;
}

async function listeningOf(system: System, node: GreetingNode): Promise<Address> {
  return await new Promise((resolve) => {
    system.clientOf(node.status).upon(Listening, ({ address: own }) => {
      const { host = '', port = 0 } = parseAddress(own);
      resolve(address({ host, port }));
    });
  });
}

async function remember(): Promise<string> {
  await using node = await startNode({ port: 0, nodes: 1, logLevel: 'silent' });
  await node.ready;
  const { host = '', port = 0 } = parseAddress(node.address);

  await using store = await connect(`${host}:${String(port)}`);
  await store.put('greeting', 'remembered');
  return (await store.getText('greeting')) ?? 'forgotten';
}

const portTypes = [EventuallyPerfectFailureDetector, Membership, AtomicRegister, JBStore];

async function main(): Promise<void> {
  const words = [await greet(), await remember(), ...portTypes.map(({ name }) => name)];
  process.stdout.write(`${words.join(', ')}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
