import {
  Component,
  invariant,
  type Context,
  type EventClass,
  type VirtualHost,
} from '@jbstore/core';
import {
  Membership,
  NewView,
  RefreshSlots,
  SlotSettled,
  SlotSynced,
  SuspicionsChanged,
  firstView,
  type View,
} from '@jbstore/gms/port';
import { Address, type Message } from '@jbstore/network/port';
import {
  type CountRegisters,
  ListRegisters,
  RegistersListed,
  type RegistersCounted,
} from '@jbstore/register/port';
import { SlotRegister, SlotTransfer, type SlotTransferInit } from '@jbstore/slot-register';
import {
  Abandon,
  Mutate,
  type MutateReturn,
  type Prune,
  Read,
  ReadReturn,
  Refused,
  TransferBegun,
  TransferEnded,
  type TransferMoved,
  type Operation,
  type RequestId,
} from '@jbstore/slot-register/port';
import {
  Processes,
  type Envelope,
  type Probe,
  type Process,
  type VirtualWire,
} from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

/** Says what the test says, and keeps what it is told. */
class ToldMembership extends Component {
  readonly membership = this.provides(Membership);
  readonly synced: SlotSynced[] = [];
  readonly refreshes: RefreshSlots[] = [];

  constructor(context: Context) {
    super(context);
    this.membership.upon(SlotSynced, (synced) => {
      this.synced.push(synced);
    });
    this.membership.upon(RefreshSlots, (refresh) => {
      this.refreshes.push(refresh);
    });
  }
}

/** One life of a member. */
export class Member {
  readonly client: Probe<ReadReturn | MutateReturn | Refused, Read | Mutate | Abandon | Prune>;

  readonly #directory: Probe<RegistersListed | RegistersCounted, ListRegisters | CountRegisters>;
  readonly #transfers: Probe<TransferBegun | TransferMoved | TransferEnded, never>;
  view: View | undefined;

  constructor(
    readonly process: Process<SlotRegister>,
    readonly membership: ToldMembership,
    transfer: SlotTransfer,
  ) {
    this.client = process.clientOf(process.component.register);
    this.#directory = process.clientOf(process.component.directory);
    this.#transfers = process.clientOf(transfer.transfers);
  }

  /** The slots, with their epochs, of which it has said that it is synced. */
  get synced(): readonly SlotSynced[] {
    return this.membership.synced;
  }

  /** For which slots, by their epochs, it has asked for another one, since the last call. */
  takeRefreshes(): readonly string[] {
    const refreshes = this.membership.refreshes.splice(0);
    return refreshes.map(({ slots }) =>
      slots.map(({ slot, epoch }) => `${String(slot)} of ${String(epoch)}`).join(', '),
    );
  }

  /** What it has said of its transfers, in short, since the last call. */
  get transfers(): readonly string[] {
    return this.#transfers.take().map((event) => {
      if (event instanceof TransferBegun) return 'began';
      if (event instanceof TransferEnded) return 'ended';
      return `${event.member.charAt(0)} ${String(event.chunks)}/${String(event.ofChunks)}`;
    });
  }

  /** The names of registers that it lists. */
  list(): readonly string[] {
    this.#directory.trigger(new ListRegisters('', undefined, 100));
    return this.#directory.takeOne(RegistersListed).names.map((name) => name.slice(16));
  }

  install(view: View): void {
    this.view = view;
    this.membership.membership.next(new NewView(view));
  }

  settle(slot: number, epoch: number): void {
    this.membership.membership.next(new SlotSettled(slot, epoch));
  }

  get self(): Address {
    return this.process.self;
  }

  /** A figure of this process, over all labels. */
  count(name: string): number {
    const counters = this.process.system.counters().filter((counter) => counter.name === name);
    return counters.reduce((sum, counter) => sum + counter.value, 0);
  }
}

/** The address of the process with this name: a single letter. */
function addressOf(name: string): Address {
  return Address.parse(`${name}@${name}:7000`);
}

/** A name of a register, in slot 0. */
export function registerName(name: string): string {
  return '\0'.repeat(16) + name;
}

const nameOf = (place: number): string => String.fromCharCode(97 + place);

/** A view of so many processes, of which the first, or all, hold all slots together; the first leads. */
export function viewOf(count: number, holders = count): View {
  const addresses = Array.from({ length: count }, (_, place) => addressOf(nameOf(place)));
  const settings = { clusterId: 'test', replication: holders, register: 'multi-writer' } as const;
  const view = firstView(settings, addresses);
  const group = view.members.slice(0, holders).map(({ index }) => index);
  return { ...view, slotCount: 2, runs: [{ slots: 2, epoch: 1, group, lead: 1 }] };
}

/** The view that follows, in which those named hold all slots; the first of them leads. */
export function viewAfter({ number, runs, ...view }: View, names: string): View {
  const [before] = runs;
  invariant(before !== undefined, 'a view has a run');
  const group = Array.from(names, (name) => name.charCodeAt(0) - 96);
  const previous = { epoch: before.epoch, group: before.group };
  const run = { slots: 2, epoch: number + 1, group, lead: group[0] ?? 0, previous };
  return { ...view, number: number + 1, runs: [run] };
}

/** Processes a, b, c and so on over one virtual wire, which hold every register; a leads. */
export class Cluster {
  readonly wire: VirtualWire;
  readonly host: VirtualHost;
  readonly members: Member[] = [];
  readonly #processes: Processes;

  constructor(
    readonly view: View,
    seed = 'slots',
    readonly transfer: SlotTransferInit = {},
    readonly fewestTombstones?: number,
    /** Who installs the view at its beginning: each member, if it is not told. */
    readonly told?: string,
  ) {
    this.#processes = new Processes(seed);
    this.wire = this.#processes.wire;
    this.host = this.#processes.host;
    for (const { address } of view.members) this.begin(address);
  }

  begin(self: Address): void {
    let membership: ToldMembership | undefined;
    let transfers: SlotTransfer | undefined;
    const process = this.#processes.create(self, (system, network) => {
      const timer = system.create(HostTimer);
      const told = system.create(ToldMembership);
      const slots = system.create(SlotRegister, { self, fewestTombstones: this.fewestTombstones });
      const transfer = system.create(SlotTransfer, this.transfer);
      network.network.connect(slots.network, transfer.network);
      timer.timer.connect(slots.timer, transfer.timer);
      told.membership.connect(slots.membership, transfer.membership);
      slots.local.connect(transfer.slots);
      membership = told;
      transfers = transfer;
      return slots;
    });
    invariant(membership !== undefined && transfers !== undefined, 'a member is assembled');
    const member = new Member(process, membership, transfers);
    this.members.push(member);
    this.#processes.start();
    if (this.told?.includes(self.charAt(0)) ?? true) member.install(this.view);
    this.settle();
  }

  at(name: string): Member {
    const member = this.members.find(({ self }) => self.startsWith(name));
    invariant(member !== undefined, `there is no process ${name}`);
    return member;
  }

  mutate(name: string, id: RequestId, operation: Operation, register = 'x'): Mutate {
    const mutate = new Mutate(registerName(register), id, operation);
    this.at(name).client.trigger(mutate);
    return mutate;
  }

  /** As another session each time. */
  put(name: string, value: string, register = 'x'): Mutate {
    return this.mutate(name, freshId(), put(value), register);
  }

  read(name: string, register = 'x'): Read {
    const read = new Read(registerName(register));
    this.at(name).client.trigger(read);
    return read;
  }

  abandon(name: string, request: Read | Mutate): void {
    this.at(name).client.trigger(new Abandon(request));
  }

  /** What `name` was answered since the last call, in short. */
  answers(name: string): readonly string[] {
    return this.at(name).client.take().map(inShort);
  }

  suspect(name: string, suspected: string): void {
    const addresses = Array.from(suspected, addressOf);
    this.at(name).membership.membership.next(new SuspicionsChanged(addresses));
    this.settle();
  }

  /** From now on messages travel only as the test says. */
  takeInHand(): void {
    this.wire.rule(() => 'hold');
  }

  /** The messages of a kind on the wire between two processes. */
  held(kind: EventClass<Message>, from: string, to: string): readonly Envelope[] {
    return this.wire.held.filter(
      ({ message, source, destination }) =>
        message instanceof kind && source.startsWith(from) && destination.startsWith(to),
    );
  }

  /** Delivers the oldest of them, which must be there. */
  deliver(kind: EventClass<Message>, from: string, to: string): void {
    const [envelope] = this.held(kind, from, to);
    invariant(envelope !== undefined, `no ${kind.name} is on its way from ${from} to ${to}`);
    this.wire.deliver(envelope);
    this.settle();
  }

  /** Delivers all messages between processes named in `among`, with what follows from them. */
  exchange(among: string): void {
    const names = Array.from(among, (name) => `${name}@`);
    const isAmong = (process: Address): boolean => names.some((name) => process.startsWith(name));
    for (;;) {
      const next = this.wire.held.filter(
        ({ source, destination }) => isAmong(source) && isAmong(destination),
      );
      if (next.length === 0) return;
      for (const envelope of next) this.wire.deliver(envelope);
      this.settle();
    }
  }

  /** Delivers what is on the wire now, and lets a little time pass. */
  exchangeOnce(): void {
    for (const envelope of [...this.wire.held]) this.wire.deliver(envelope);
    this.advance(10);
  }

  loseAll(): void {
    for (const envelope of [...this.wire.held]) this.wire.drop(envelope);
  }

  crash(name: string): void {
    const member = this.at(name);
    this.#processes.crash(member.process);
    this.members.splice(this.members.indexOf(member), 1);
  }

  settle(): void {
    this.#processes.settle();
  }

  advance(ms: number): void {
    this.#processes.advance(ms);
  }
}

export function put(value: string): Operation {
  return { kind: 'put', value: Buffer.from(value) };
}

export function requestId(name: string, sequence = 1, generation = 1): RequestId {
  return { session: { generation, chance: name.padEnd(12) }, sequence };
}

let sessions = 0;

function freshId(): RequestId {
  sessions += 1;
  return requestId(`fresh ${String(sessions)}`);
}

function inShort(answer: ReadReturn | MutateReturn | Refused): string {
  if (answer instanceof Refused) return answer.reason;
  if (answer instanceof ReadReturn) {
    const { value, version } = answer;
    return value ? `${Buffer.from(value).toString()} @${String(version)}` : 'nothing';
  }
  const { succeeded, version, value } = answer.outcome;
  const shown = [version === undefined ? '' : `@${String(version)}`, value ?? ''].join(' ').trim();
  return `${succeeded ? 'ok' : 'failed'} ${shown}`.trim();
}
