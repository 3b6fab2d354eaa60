import { System, VirtualHost, type Context, type Host, type Random } from '@jbstore/core';
import { Component } from '@jbstore/core';
import { IncreasingTimeout } from '@jbstore/epfd';
import {
  complianceOfEventuallyPerfectFailureDetector,
  type Detectors,
  type DetectorsInit,
} from '@jbstore/epfd/compliance';
import { Follow, Tell, type Restore, type Suspect, type Told } from '@jbstore/epfd/port';
import { Address } from '@jbstore/network/port';
import { VirtualNetwork, VirtualWire } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

/** The host of one process that can stand still. What came due then happens after it, timers first. */
class StallingHost implements Host {
  #untilMs = 0;

  constructor(readonly world: Host) {}

  stall(forMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, this.world.now() + forMs);
  }

  now(): number {
    return this.world.now();
  }

  wallTimeMs(): number {
    return this.world.wallTimeMs();
  }

  after(delayMs: number, task: () => void): () => void {
    let cancel = this.world.after(delayMs, () => {
      const restMs = this.#untilMs - this.now();
      if (restMs <= 0) task();
      else cancel = this.world.after(restMs, task);
    });
    return () => {
      cancel();
    };
  }

  soon(task: () => void): void {
    const restMs = this.#untilMs - this.now();
    if (restMs <= 0) this.world.soon(task);
    else this.world.after(restMs + 0.001, task);
  }

  afterIo(task: () => void): void {
    this.soon(task);
  }
}

class Chance extends Component {
  readonly random: Random;

  constructor(context: Context) {
    super(context);
    this.random = context.random('schedule');
  }
}

class VirtualDetectors implements Detectors {
  readonly processes: readonly Address[];
  readonly random: Random;
  readonly #world = new VirtualHost();
  readonly #wire = new VirtualWire(this.#world);
  readonly #hosts = new Map<Address, StallingHost>();
  readonly #systems = new Map<Address, System>();
  readonly #clients = new Map<Address, { next(request: Tell): void }>();
  readonly #indications = new Map<Address, (Suspect | Restore | Told)[]>();
  readonly #faults: Error[] = [];

  constructor({ count, seed }: DetectorsInit) {
    this.random = new System('schedule', { seed, host: this.#world }).create(Chance).random;
    this.processes = Array.from({ length: count }, (_, index) =>
      Address.parse(`p${index}@127.0.0.1:${7100 + index}`),
    );
    for (const self of this.processes) this.#start(self, seed);
    this.advance(0);
  }

  #start(self: Address, seed: string): void {
    const host = new StallingHost(this.#world);
    const onFault = (fault: Error): void => void this.#faults.push(fault);
    const system = new System(self, { seed, host, onFault });
    const { network } = system.create(VirtualNetwork, { wire: this.#wire, self });
    const { timer } = system.create(HostTimer);
    const detector = system.create(IncreasingTimeout);
    network.connect(detector.network);
    timer.connect(detector.timer);

    const indications: (Suspect | Restore | Told)[] = [];
    const client = system.clientOf(detector.epfd);
    client.subscribe((indication) => indications.push(indication));
    void system.start();
    for (const other of this.processes) if (other !== self) client.next(new Follow(other));
    this.#hosts.set(self, host);
    this.#systems.set(self, system);
    this.#clients.set(self, client);
    this.#indications.set(self, indications);
  }

  indicationsAt(watcher: Address): readonly (Suspect | Restore | Told)[] {
    return this.#indications.get(watcher)?.splice(0) ?? [];
  }

  tell(process: Address, topic: string, news: Uint8Array): void {
    this.#clients.get(process)?.next(new Tell(topic, news));
  }

  rule(delayMs: (from: Address, to: Address) => number): void {
    this.#wire.rule(({ source, destination }) => {
      const delay = delayMs(source, destination);
      return delay === Infinity ? 'drop' : delay;
    });
  }

  crash(process: Address): void {
    this.#wire.unplug(process);
    void this.#systems.get(process)?.kill();
  }

  stall(process: Address, forMs: number): void {
    this.#hosts.get(process)?.stall(forMs);
  }

  advance(ms: number): void {
    this.#world.advance(ms);
    const [fault] = this.#faults;
    if (fault) throw fault;
  }
}

describe('IncreasingTimeout is an eventually perfect failure detector', () => {
  complianceOfEventuallyPerfectFailureDetector((init) => new VirtualDetectors(init), {
    test,
    expect,
  });
});
