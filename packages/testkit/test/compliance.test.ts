import { Address, type Message } from '@jbstore/network/port';
import { perfectLinks, type LinkedProcess, type Links } from '@jbstore/network/compliance';
import { Processes, VirtualNetwork } from '@jbstore/testkit';

describe(`${VirtualNetwork.name} is a provider of perfect links`, () => {
  perfectLinks(() => Promise.resolve(threeProcesses()), { test, expect });
});

function threeProcesses(): Links {
  const processes = new Processes();
  const linked = ['ann', 'bob', 'cid'].map((id) =>
    linkedProcess(processes, Address.parse(`${id}@${id}:7000`)),
  );
  processes.start();
  return {
    processes: linked,
    until: (holds) => {
      for (let steps = 0; !holds() && steps < 1_000; steps += 1) processes.advance(1);
      return holds() ? Promise.resolve() : Promise.reject(new Error('it takes too long'));
    },
    disturb: () => undefined,
    close: () => Promise.resolve(),
  };
}

function linkedProcess(processes: Processes, self: Address): LinkedProcess {
  const process = processes.create(self, (_system, network) => network);
  const port = process.system.clientOf(process.component.network);
  const received: Message[] = [];
  port.subscribe((message) => received.push(message));
  return {
    address: self,
    received,
    send: (message) => {
      port.next(message);
    },
  };
}
