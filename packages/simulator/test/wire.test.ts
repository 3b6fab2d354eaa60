import { Random } from '@jbstore/core';
import { perfectLinks, type LinkedProcess, type Links } from '@jbstore/network/compliance';
import { ProcessId, address, type Message } from '@jbstore/network/port';

import { Calendar } from '../src/calendar';
import { SimulatedNetwork } from '../src/simulated-network';
import { SimulatedProcess } from '../src/simulated-process';
import { Wire } from '../src/wire';
import { noRates } from './duo';

describe('a healed wire is a provider of perfect links', () => {
  perfectLinks(() => Promise.resolve(threeProcesses()), { test, expect });
});

function threeProcesses(): Links {
  const calendar = new Calendar({ kind: 'priorities', changes: [100] }, new Random('order'));
  const rates = { ...noRates, loss: 0.1, duplication: 0.1, reordering: 0.1, replay: 0.1 };
  const latency = { leastMs: 1, mostMs: 20, stragglers: 0.1, stragglerMs: 50 };
  const nothing = (): void => undefined;
  const witness = { sent: nothing, arrived: nothing, sometimes: nothing };
  const wire = new Wire(
    calendar,
    { seed: 'links', latency, rates, register: 'multi-writer' },
    witness,
  );
  wire.heal();
  const until = (holds: () => boolean): Promise<void> => {
    for (let ms = calendar.nowMs; !holds() && ms < calendar.nowMs + 1_000; ms += 1) {
      while (calendar.step(ms));
    }
    return holds() ? Promise.resolve() : Promise.reject(new Error('it takes too long'));
  };
  const processes = [1, 2, 3].map((port) => linkedProcess(calendar, wire, port));
  while (calendar.step(0));
  return { processes, until, disturb: nothing, close: () => Promise.resolve() };
}

function linkedProcess(calendar: Calendar, wire: Wire, port: number): LinkedProcess {
  const id = ProcessId.parse(`n${String(port)}`);
  const self = address({ id, host: '10.0.0.1', port });
  const process = new SimulatedProcess(id, self, 'links', calendar.lane(id), {
    seed: 'links',
    send: (from, message) => {
      wire.send(from, message);
    },
    handles: () => undefined,
    failed: (_process, fault) => {
      throw fault;
    },
  });
  wire.plug(process);
  const client = process.system.clientOf(process.system.create(SimulatedNetwork, process).network);
  const received: Message[] = [];
  client.subscribe((message) => received.push(message));
  process.start();
  return {
    address: self,
    received,
    send: (message) => {
      client.next(message);
    },
  };
}
