import {
  Component,
  type Context,
  type IndicationOf,
  type PortType,
  type RequestOf,
} from '@jbstore/core';
import {
  ChangeRequest,
  Evicted,
  NewView,
  SlotSettled,
  groupOf,
  indexOf,
  positionOf,
  runOf,
  type ChangeWish,
  type Membership,
  type View,
} from '@jbstore/gms/port';
import { Address, type Network } from '@jbstore/network/port';
import { ClusterMember } from '@jbstore/node';
import { SlotRegister, SlotTransfer } from '@jbstore/slot-register';
import {
  Abandon,
  Mutate,
  MutateReturn,
  Read,
  ReadReturn,
  type Operation,
  type Refused,
  type RewritableRegister,
  type SessionId,
} from '@jbstore/slot-register/port';
import { Processes, type Probe, type Process, type VirtualNetwork } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

type ProbeOf<P extends PortType> = Probe<IndicationOf<P>, RequestOf<P>>;

const clusterId = 'test';
const firstPort = 7100;
const nodes = 3;
const replication = 3;

/** A member of the cluster that holds registers, without a store above them. */
class Holder extends Component {
  readonly membership;
  readonly register;

  constructor(
    context: Context,
    { network, status }: VirtualNetwork,
    init: { readonly self: Address; readonly join: number | undefined },
  ) {
    super(context);
    const { self, join } = init;
    const { timer } = this.create(HostTimer);
    const role =
      join === undefined
        ? ('first' as const)
        : { join: Address.parse(`@127.0.0.1:${firstPort + join}`) };
    const { membership } = this.create(
      ClusterMember,
      { timer, network, status },
      {
        epfd: {},
        reconfiguration: { graceMs: 4_000 },
        membership: { clusterId, nodes, replication, register: 'exactly-once', self, role },
      },
    );
    const registers = this.create(SlotRegister, { self });
    const transfer = this.create(SlotTransfer, {});
    timer.connect(registers.timer, transfer.timer);
    network.connect(registers.network, transfer.network);
    membership.connect(registers.membership, transfer.membership);
    registers.local.connect(transfer.slots);

    this.membership = membership;
    this.register = registers.register;
  }
}

/** One life of a node, what its membership has indicated, and its registers. */
export class Node {
  readonly register: ProbeOf<typeof RewritableRegister>;
  readonly #membership: ProbeOf<typeof Membership>;
  readonly #settled = new Map<number, number>();
  view: View | undefined;
  hasLeft = false;
  isAlive = true;

  constructor(readonly process: Process<Holder>) {
    this.register = process.clientOf(process.component.register);
    this.#membership = process.clientOf(process.component.membership);
  }

  get self(): Address {
    return this.process.self;
  }

  listen(): void {
    for (const event of this.#membership.take()) {
      if (event instanceof NewView) this.view = event.view;
      else if (event instanceof Evicted) this.hasLeft = true;
      else if (event instanceof SlotSettled) this.#settled.set(event.slot, event.epoch);
    }
  }

  holds(register: string): boolean {
    return this.view !== undefined && groupOf(this.view, register).includes(this.self);
  }

  /** True if it holds a slot, or held it before, and does not know that to be settled. */
  get isUnsettled(): boolean {
    const { view } = this;
    const own = view && indexOf(view, this.self);
    if (!view || own === undefined) return true;
    return Array.from({ length: view.slotCount }, (_, slot) => slot).some((slot) => {
      const { epoch, group, previous } = runOf(view, slot);
      const concerns = previous && (group.includes(own) || previous.group.includes(own));
      return concerns && this.#settled.get(slot) !== epoch;
    });
  }
}

/** Nodes of one cluster in virtual time, of which the first three begin; all keys are held three times. */
export class GrowingCluster {
  readonly processes: Processes;
  readonly lives: Node[] = [];
  readonly #operator: ProbeOf<typeof Network>;

  constructor(seed: string) {
    this.processes = new Processes(seed);
    const address = Address.parse('operator@');
    const operator = this.processes.create(address, (_system, network) => network, { clusterId });
    this.#operator = operator.clientOf(operator.component.network);
    for (let index = 0; index < nodes; index += 1) this.start(index);
    this.pass(5_000);
  }

  get living(): readonly Node[] {
    return this.lives.filter(({ isAlive, hasLeft }) => isAlive && !hasLeft);
  }

  /** Starts a node, or a new life of it, which asks `join` to be taken in. */
  start(index: number, join = index === 0 ? undefined : 0): Node {
    const port = firstPort + index;
    const life = this.lives.filter(({ self }) => self.endsWith(`:${port}`)).length;
    const self = Address.parse(`n${index}-${life}@127.0.0.1:${port}`);
    const process = this.processes.create(
      self,
      (system, network) => system.create(Holder, network, { self, join }),
      { clusterId },
    );
    const node = new Node(process);
    this.lives.push(node);
    this.processes.start();
    return node;
  }

  crash(node: Node): void {
    node.isAlive = false;
    this.processes.crash(node.process);
  }

  /** What each member that holds `key` reads there. */
  read(key: string): string[] {
    const register = registerOf(key);
    const holders = this.living.filter((node) => node.holds(register));
    for (const node of holders) node.register.next(new Read(register));
    this.pass(3_000);
    return holders.flatMap((node) =>
      node.register.takeAll(ReadReturn).map(({ value }) => Buffer.from(value ?? []).toString()),
    );
  }

  /** An operator asks `node`. */
  ask(node: Node, change: ChangeWish): void {
    this.#operator.trigger(new ChangeRequest(node.self, { id: 1, client: null, change }));
  }

  pass(ms: number): void {
    this.processes.advance(ms);
    for (const node of this.lives) node.listen();
  }
}

/** The register of `key`. */
export function registerOf(key: string): string {
  return positionOf(Buffer.from(key)) + key;
}

/** A request of a client, and where its present copy is. */
interface Pending {
  readonly operation: Operation;
  readonly register: string;
  readonly sequence: number;
  readonly done: (answer: MutateReturn) => void;
  copy: { readonly mutate: Mutate; readonly node: Node; readonly sinceMs: number } | undefined;
}

/** So long it waits for an answer before it asks another node. */
const patienceMs = 1_000;

/** A client of one session, which asks for one thing at a time, until it is answered, at this node or that. */
export class Client {
  readonly #session: SessionId;
  readonly #cluster: GrowingCluster;
  #sequence = 0;
  #pending: Pending | undefined;
  #nowMs = 0;

  constructor(cluster: GrowingCluster, name: string, generation = 1) {
    this.#cluster = cluster;
    this.#session = { generation, chance: name.padEnd(12) };
  }

  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  ask(key: string, operation: Operation, done: Pending['done']): void {
    this.#sequence += 1;
    const register = registerOf(key);
    this.#pending = { operation, register, sequence: this.#sequence, done, copy: undefined };
  }

  /** `ms` have passed. If it has to ask somebody, then the holder at `place`, counted around. */
  attend(ms: number, place: number): void {
    this.#nowMs += ms;
    const pending = this.#pending;
    if (!pending) return;
    const { copy, register, operation, sequence } = pending;
    if (copy?.node.isAlive && this.#nowMs - copy.sinceMs < patienceMs) return;
    if (copy?.node.isAlive) copy.node.register.next(new Abandon(copy.mutate));
    const holders = this.#cluster.living.filter((node) => node.holds(register));
    const node = holders[place % holders.length];
    if (!node) return;
    const mutate = new Mutate(register, { session: this.#session, sequence }, operation);
    pending.copy = { mutate, node, sinceMs: this.#nowMs };
    node.register.next(mutate);
  }

  /** Takes an answer to any copy of its request, in whichever order they come. */
  hear(answer: MutateReturn | Refused): void {
    const pending = this.#pending;
    if (!pending) return;
    if (answer instanceof MutateReturn) {
      const { session, sequence } = answer.mutate.id;
      if (session !== this.#session || sequence !== pending.sequence) return;
      this.#pending = undefined;
      pending.done(answer);
    } else if (answer.request === pending.copy?.mutate) pending.copy = undefined;
  }
}
