import { WebSocketNetwork } from '../src';
import { perfectLinks, type Links } from '../src/compliance';
import { behindWire, until, type Process, type Wire } from './support';

describe(`${WebSocketNetwork.name} is a provider of perfect links`, () => {
  describe('over connections that hold', () => {
    perfectLinks(() => threeProcesses(false), { test, expect });
  });

  describe('over connections that are cut again and again', () => {
    perfectLinks(() => threeProcesses(true), { test, expect });
  });
});

/** Each process is reached over a wire of its own, which the others believe to be its address. */
async function threeProcesses(cut: boolean): Promise<Links> {
  const wires: Wire[] = [];
  const processes: Process[] = [];
  for (const id of ['ann', 'bob', 'cid']) {
    const [process, wire] = await behindWire(id);
    processes.push(process);
    wires.push(wire);
  }
  return {
    processes,
    until,
    disturb: () => {
      if (cut) for (const wire of wires) wire.cut();
    },
    close: async () => {
      await Promise.all(processes.map((process) => process[Symbol.asyncDispose]()));
      await Promise.all(wires.map((wire) => wire[Symbol.asyncDispose]()));
    },
  };
}
