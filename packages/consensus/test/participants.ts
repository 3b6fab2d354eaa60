import { Random, invariant } from '@jbstore/core';
import { SingleDecreePaxos } from '@jbstore/consensus';
import type { Participants, ParticipantsInit } from '@jbstore/consensus/compliance';
import type { Ahead, Behind, Decide, Propose, Serve, Withdraw } from '@jbstore/consensus/port';
import { Address } from '@jbstore/network/port';
import { Processes, type Probe, type Process, type VirtualWire } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

/** One life of a process. */
interface Participant {
  readonly process: Process<SingleDecreePaxos>;
  readonly consensus: Probe<Decide | Behind | Ahead, Serve | Propose | Withdraw>;
}

/** Processes a, b, c and so on over one virtual wire. */
export class VirtualParticipants implements Participants {
  readonly processes: readonly Address[];
  readonly random: Random;
  readonly #world: Processes;
  readonly #participants = new Map<Address, Participant>();
  #copiesAfterMs: (from: Address, to: Address) => readonly number[] = () => [1];

  get wire(): VirtualWire {
    return this.#world.wire;
  }

  constructor({ count, seed }: ParticipantsInit) {
    this.#world = new Processes(seed);
    this.random = new Random(seed);
    this.processes = Array.from({ length: count }, (_, index) => {
      const id = String.fromCharCode(97 + index);
      return Address.parse(`${id}@${id}:7000`);
    });
    const { host, wire } = this.#world;
    wire.rule((envelope) => {
      const [first, ...others] = this.#copiesAfterMs(envelope.source, envelope.destination);
      for (const afterMs of others) {
        host.after(afterMs, () => {
          wire.deliver(envelope);
        });
      }
      return first ?? 'drop';
    });
    for (const self of this.processes) this.begin(self);
  }

  /** The process lives, anew if it did before. */
  begin(self: Address): void {
    const process = this.#world.create(self, (system, network) => {
      const timer = system.create(HostTimer);
      const paxos = system.create(SingleDecreePaxos, { self });
      network.network.connect(paxos.network);
      timer.timer.connect(paxos.timer);
      return paxos;
    });
    const consensus = process.clientOf(process.component.consensus);
    this.#participants.set(self, { process, consensus });
    this.#world.start();
  }

  ask(process: Address, request: Serve | Propose | Withdraw): void {
    this.#at(process).consensus.trigger(request);
  }

  indicationsAt(process: Address): readonly (Decide | Behind | Ahead)[] {
    return this.#at(process).consensus.take();
  }

  rule(copiesAfterMs: (from: Address, to: Address) => readonly number[]): void {
    this.#copiesAfterMs = copiesAfterMs;
  }

  crash(process: Address): void {
    this.#world.crash(this.#at(process).process);
  }

  advance(ms: number): void {
    this.#world.advance(ms);
  }

  #at(process: Address): Participant {
    const participant = this.#participants.get(process);
    invariant(participant !== undefined, `there is a process ${process}`);
    return participant;
  }
}
