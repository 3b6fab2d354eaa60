import { Random, invariant } from '@jbstore/core';
import { MonarchicalLeaderDetection } from '@jbstore/eld';
import type { Electors, ElectorsInit } from '@jbstore/eld/compliance';
import { SetCandidates, type Trust } from '@jbstore/eld/port';
import { IncreasingTimeout } from '@jbstore/epfd';
import { Restore, Suspect } from '@jbstore/epfd/port';
import { Address } from '@jbstore/network/port';
import { Processes, type Probe, type Process } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

/** A process, what it indicates, and whom its failure detector suspects. */
interface Elector {
  readonly process: Process<MonarchicalLeaderDetection>;
  readonly eld: Probe<Trust, SetCandidates>;
  readonly suspected: ReadonlySet<Address>;
}

/** Processes a, b, c and so on, each with an elector over a failure detector, in virtual time. */
export class VirtualElectors implements Electors {
  readonly processes: readonly Address[];
  readonly random: Random;
  readonly #world: Processes;
  readonly #electors = new Map<Address, Elector>();
  #delayMs: (from: Address, to: Address) => number = () => 1;

  constructor({ count, seed }: ElectorsInit) {
    this.#world = new Processes(seed);
    this.random = new Random(seed);
    this.processes = Array.from({ length: count }, (_, index) => {
      const id = String.fromCharCode(97 + index);
      return Address.parse(`${id}@${id}:7000`);
    });
    this.#world.wire.rule(({ source, destination }) => {
      const delayMs = this.#delayMs(source, destination);
      return delayMs === Infinity ? 'drop' : delayMs;
    });
    for (const self of this.processes) this.#create(self);
    this.#world.start();
  }

  #create(self: Address): void {
    const suspected = new Set<Address>();
    const process = this.#world.create(self, (system, network) => {
      const timer = system.create(HostTimer);
      const detector = system.create(IncreasingTimeout);
      const elector = system.create(MonarchicalLeaderDetection, { self });
      network.network.connect(detector.network);
      timer.timer.connect(detector.timer);
      timer.timer.connect(elector.timer);
      detector.epfd.connect(elector.epfd);
      const epfd = system.clientOf(detector.epfd);
      epfd.upon(Suspect, (suspicion) => void suspected.add(suspicion.process));
      epfd.upon(Restore, (restored) => void suspected.delete(restored.process));
      return elector;
    });
    this.#electors.set(self, { process, eld: process.clientOf(process.component.eld), suspected });
  }

  setCandidates(process: Address, candidates: readonly Address[]): void {
    this.#at(process).eld.trigger(new SetCandidates(candidates));
  }

  indicationsAt(process: Address): readonly Trust[] {
    return this.#at(process).eld.take();
  }

  /** Whom the failure detector of `process` suspects now. */
  suspectedBy(process: Address): ReadonlySet<Address> {
    return this.#at(process).suspected;
  }

  rule(delayMs: (from: Address, to: Address) => number): void {
    this.#delayMs = delayMs;
  }

  crash(process: Address): void {
    this.#world.crash(this.#at(process).process);
  }

  advance(ms: number): void {
    this.#world.advance(ms);
  }

  #at(process: Address): Elector {
    const elector = this.#electors.get(process);
    invariant(elector !== undefined, `there is a process ${process}`);
    return elector;
  }
}
