import { Component, type Context, type System } from '@jbstore/core';
import { SingleDecreePaxos } from '@jbstore/consensus';
import { MonarchicalLeaderDetection } from '@jbstore/eld';
import { IncreasingTimeout } from '@jbstore/epfd';
import {
  Bootstrap,
  GroupMembership,
  Reconfiguration,
  ViewService,
  type BootstrapInit,
  type ReconfigurationInit,
} from '@jbstore/gms';
import {
  ChangeReply,
  ChangeRequest,
  Evicted,
  Membership,
  NewView,
  ProgressReply,
  ProgressRequest,
  SlotSettled,
  SlotSynced,
  SuspicionsChanged,
  epochOf,
  indexOf,
  runOf,
  type ChangeWish,
  type View,
} from '@jbstore/gms/port';
import { Address } from '@jbstore/network/port';
import { Processes, type Process, type VirtualNetwork } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';
import { ScheduleTimeout, Timeout, Timer } from '@jbstore/timer/port';

const firstPort = 7100;

class SyncedNow extends Timeout {
  constructor(readonly view: View) {
    super();
  }
}

/** Stands for the registers: says of each slot of its own, a while after its epoch began, that it is synced. */
class Synchronising extends Component {
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  constructor(context: Context, { self, syncMs }: { self: Address; syncMs: number }) {
    super(context);
    const reported = new Map<number, number>();

    this.membership.upon(NewView, ({ view }) => {
      this.timer.next(new ScheduleTimeout(syncMs, new SyncedNow(view)));
    });

    this.timer.upon(SyncedNow, ({ view }) => {
      const own = indexOf(view, self);
      if (own === undefined) return;
      for (let slot = 0; slot < view.slotCount; slot += 1) {
        const { epoch, group, previous } = runOf(view, slot);
        if (!previous || !group.includes(own) || reported.get(slot) === epoch) continue;
        reported.set(slot, epoch);
        this.membership.next(new SlotSynced(slot, epoch));
      }
    });
  }
}

/** What a node of the group is told besides who it is. */
export interface GroupInit {
  readonly nodes?: number;
  readonly replication?: number;
  readonly seed?: string;
  /** How long a member takes to be synced in its new slots. */
  readonly syncMs?: number;
  readonly reconfiguration?: Partial<ReconfigurationInit>;
}

/** All that makes a process a member, without registers. */
export function memberOf(
  system: System,
  { network, status }: VirtualNetwork,
  init: BootstrapInit,
  reconfiguration: Partial<ReconfigurationInit> = {},
): GroupMembership {
  const { self } = init;
  const { timer } = system.create(HostTimer);
  const detector = system.create(IncreasingTimeout);
  const leaders = system.create(MonarchicalLeaderDetection, { self });
  const paxos = system.create(SingleDecreePaxos, { self });
  const bootstrap = system.create(Bootstrap, init);
  const membership = system.create(GroupMembership, { self });
  const reconfigured = system.create(Reconfiguration, { self, ...reconfiguration });
  const views = system.create(ViewService);
  timer.connect(detector.timer, leaders.timer, paxos.timer, bootstrap.timer);
  timer.connect(membership.timer, reconfigured.timer, views.timer);
  network.connect(detector.network, paxos.network, bootstrap.network);
  network.connect(membership.network, reconfigured.network, views.network);
  status.connect(bootstrap.networkStatus, membership.networkStatus, views.networkStatus);
  detector.epfd.connect(leaders.epfd, membership.epfd, reconfigured.epfd);
  leaders.eld.connect(membership.eld, reconfigured.eld);
  paxos.consensus.connect(membership.consensus, reconfigured.consensus);
  bootstrap.bootstrapping.connect(membership.bootstrapping, reconfigured.bootstrapping);
  membership.membership.connect(reconfigured.membership, views.membership);
  return membership;
}

/** One life of a node, and what its membership has indicated. */
export class Node {
  readonly #seen: object[] = [];

  constructor(readonly process: Process<GroupMembership>) {
    const membership = process.system.clientOf(process.component.membership);
    membership.subscribe((indication) => this.#seen.push(indication));
  }

  get self(): Address {
    return this.process.self;
  }

  /** All that has been indicated so far of the class `type`. */
  all<E extends object>(type: abstract new (...fields: never[]) => E): E[] {
    return this.#seen.filter((event): event is E => event instanceof type);
  }

  get views(): View[] {
    return this.all(NewView).map(({ view }) => view);
  }

  get view(): View | undefined {
    return this.views.at(-1);
  }

  get evicted(): boolean {
    return this.all(Evicted).length > 0;
  }

  get suspected(): readonly Address[] {
    return this.all(SuspicionsChanged).at(-1)?.suspected ?? [];
  }

  /** How many slots it knows to be settled in the epochs of its view, of those that have changed. */
  get settled(): number {
    const { view } = this;
    if (!view) return 0;
    const isPresent = ({ slot, epoch }: SlotSettled): boolean => runOf(view, slot).epoch === epoch;
    return new Set(
      this.all(SlotSettled)
        .filter(isPresent)
        .map(({ slot }) => slot),
    ).size;
  }
}

/** Nodes of one cluster in virtual time: the first at port 7100, the others behind it. */
export class GrowingGroup {
  readonly processes: Processes;
  readonly lives: Node[] = [];
  readonly #init: GroupInit;

  constructor(init: GroupInit = {}) {
    this.processes = new Processes(init.seed ?? 'group');
    this.#init = init;
  }

  /** A group that has its first view. */
  static booted(init: GroupInit = {}): { readonly group: GrowingGroup; readonly members: Node[] } {
    const group = new GrowingGroup(init);
    const count = init.nodes ?? 3;
    const members = Array.from({ length: count }, (_, index) => group.start(index));
    group.pass(5);
    for (const { view } of members) expect(view?.number).toBe(1);
    return { group, members };
  }

  /** Starts a node, or a new life of it, with an id of its own. It joins `at`, if that is not the first. */
  start(index: number, at: number | 'nobody' = index === 0 ? 'nobody' : 0): Node {
    const port = firstPort + index;
    const life = this.lives.filter(({ self }) => self.endsWith(`:${port}`)).length;
    const self = Address.parse(`n${index}-${life}@127.0.0.1:${port}`);
    const { nodes = 3, replication = 2, syncMs = 20, reconfiguration = {} } = this.#init;
    const role =
      at === 'nobody'
        ? ('first' as const)
        : { join: Address.parse(`@127.0.0.1:${firstPort + at}`) };
    const settings = { clusterId: 'test', nodes, replication, register: 'exactly-once' } as const;
    const process = this.processes.create(
      self,
      (system, network) => {
        const membership = memberOf(system, network, { ...settings, self, role }, reconfiguration);
        const registers = system.create(Synchronising, { self, syncMs });
        system.create(HostTimer).timer.connect(registers.timer);
        membership.membership.connect(registers.membership);
        return membership;
      },
      { clusterId: 'test' },
    );
    const node = new Node(process);
    this.lives.push(node);
    this.processes.start();
    return node;
  }

  crash(node: Node): void {
    this.processes.crash(node.process);
  }

  pass(seconds: number): void {
    this.processes.advance(seconds * 1000);
  }
}

/** Who asks members for changes, from outside. */
export class Operator {
  readonly #network;
  #asked = 0;

  constructor(group: GrowingGroup) {
    const process = group.processes.create(Address.parse('o@'), (_system, network) => network, {
      clusterId: 'test',
    });
    this.#network = process.clientOf(process.component.network);
    group.processes.start();
  }

  ask(member: Node | undefined, change: ChangeWish): void {
    if (!member) throw new Error('somebody must be asked');
    const id = (this.#asked += 1);
    this.#network.trigger(new ChangeRequest(member.self, { id, client: null, change }));
  }

  /** As if the answer to what was asked last had not come. */
  askAgain(member: Node | undefined, change: ChangeWish): void {
    this.#asked -= 1;
    this.ask(member, change);
  }

  askProgress(member: Node | undefined): void {
    if (!member) throw new Error('somebody must be asked');
    this.#network.trigger(new ProgressRequest(member.self, { id: (this.#asked += 1) }));
  }

  heard(): ChangeReply[] {
    return [...this.#network.takeAll(ChangeReply)].sort((one, other) => one.id - other.id);
  }

  progress(): ProgressReply[] {
    return [...this.#network.takeAll(ProgressReply)].sort((one, other) => one.id - other.id);
  }
}

/** The ports of the members of `view`, by state. */
export function portsOf(view: View | undefined, state = 'active'): number[] {
  const members = view?.members.filter((member) => member.state === state) ?? [];
  return members.map(({ address }) => Number(address.slice(address.lastIndexOf(':') + 1))).sort();
}

/** The epoch of `view`. */
export function epochIn(view: View | undefined): number {
  return view ? epochOf(view) : 0;
}
