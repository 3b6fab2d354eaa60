import { Component, System, type Context, type Random } from '@jbstore/core';
import { type Address } from '@jbstore/network/port';
import { type Envelope } from '@jbstore/testkit';
import {
  Abandon,
  Mutate,
  MutateReturn,
  Prune,
  Read,
  ReadReturn,
  type Expected,
  type Operation,
  type RequestId,
  type SessionId,
} from '@jbstore/slot-register/port';

import { Cluster, registerName, viewOf, type Member } from './cluster';
import { Views } from './views';
import { Lineages, Violation, keyOf, type Asked } from '../src/ghosts';

class Chance extends Component {
  readonly random: Random;

  constructor(context: Context) {
    super(context);
    this.random = context.random('schedule');
  }
}

/** The oldest sessions that are served are so many generations older than the youngest. */
const lifetime = 3;
const registers = ['x', 'y'].map(registerName);

/** Asks for one thing at a time of each register. */
class Client {
  session: SessionId;
  sequence = 0;
  /** The request under way of each register. */
  readonly open = new Map<string, Asked>();
  /** Versions that it has seen of each register. */
  readonly seen = new Map<string, number>();

  constructor(
    readonly name: string,
    generation: number,
  ) {
    this.session = { generation, chance: `${name}.0`.padEnd(12) };
  }

  openSession(generation: number, number: number): void {
    this.session = { generation, chance: `${this.name}.${String(number)}`.padEnd(12) };
    this.sequence = 0;
  }

  nextId(): RequestId {
    this.sequence += 1;
    return { session: this.session, sequence: this.sequence };
  }
}

/** Requests at random members in the midst of delay, loss, doubling, reordering, crashes and takeovers. */
export class Schedule {
  readonly random: Random;
  readonly cluster: Cluster;
  readonly lineages: Lineages;
  readonly views: Views;
  readonly #clients: Client[];
  readonly #asked = new Map<Mutate, { asked: Asked; client: Client }>();
  readonly #reads = new Map<Read, number>();
  readonly #past: { register: string; asked: Asked; client: Client }[] = [];
  #generation = 5;
  #numbers = 0;
  #crashes = 0;
  /** A majority was left of every group that matters. */
  healed = false;
  #copies: (envelope: Envelope) => readonly number[] = () => [1];

  /** @param spares - how many processes there are besides the group; without any, the view does not change */
  constructor(
    readonly size: number,
    seed: string,
    readonly spares = 0,
  ) {
    this.random = new System('chance', { seed }).create(Chance).random;
    this.cluster = new Cluster(viewOf(size + spares, size), seed, { tickMs: 10 });
    this.views = new Views(this.cluster, this.random);
    this.lineages = new Lineages((epoch) => this.views.groupOf(epoch));
    this.#clients = ['s', 't', 'u'].map((name) => new Client(name, this.#generation));
    const { wire, host } = this.cluster;
    wire.rule((envelope) => {
      this.lineages.sent(envelope);
      const [first, ...others] = this.#copies(envelope);
      for (const afterMs of others) {
        host.after(afterMs, () => {
          wire.deliver(envelope);
        });
      }
      return first ?? 'drop';
    });
  }

  /** Figures over all members. */
  count(name: string): number {
    return this.cluster.members.reduce((sum, member) => sum + member.count(name), 0);
  }

  play(steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      this.#step();
      this.#advance(this.random.pick([0, 0, 1, 2, 5, 20, 60]));
    }
    this.#heal();
    this.lineages.replay();
  }

  #step(): void {
    const { random } = this;
    if (this.spares > 0 && random.int(4) === 0) {
      if (random.int(3) === 0) this.views.change();
      else this.views.tell();
      return;
    }
    const what = random.int(26);
    if (what < 8) this.#askSomething();
    else if (what < 12) this.#askAgain();
    else if (what < 14) this.#askLate();
    else if (what < 18) this.#read(this.#holder());
    else if (what === 18) this.#abandon();
    else if (what < 22) this.#copies = this.#trouble();
    else if (what === 22) this.#crash();
    else if (what === 23) this.#suspect();
    else if (what === 24) this.#generation += random.int(2);
    else {
      const before = this.#generation - lifetime + random.pick([0, 0, 0, -2, 20]);
      this.#anyone().client.trigger(new Prune(Math.max(0, before), lifetime));
    }
  }

  #anyone(): Member {
    const { members } = this.cluster;
    return this.random.pick(this.random.int(3) === 0 ? members.slice(0, 1) : members);
  }

  /** A member of the newest group, mostly; the others refuse. */
  #holder(): Member {
    const group = this.views.groupOf(this.views.newest.number);
    const holders = this.cluster.members.filter(({ self }) => group.includes(self));
    return this.random.int(10) === 0 && !this.healed
      ? this.#anyone()
      : this.random.pick(holders.length > 0 ? holders : this.cluster.members);
  }

  #askSomething(): void {
    const { random } = this;
    const client = random.pick(this.#clients);
    const register = random.pick(registers);
    if (client.open.has(register)) return;
    if (random.int(8) === 0 && client.open.size === 0) {
      this.#numbers += 1;
      client.openSession(
        Math.max(1, this.#generation - random.pick([0, 0, 0, lifetime])),
        this.#numbers,
      );
    }
    const operation = this.#operation(client.seen.get(register));
    const asked: Asked = { id: client.nextId(), operation, low: this.lineages.of(register).low };
    this.lineages.of(register).asked.set(keyOf(asked.id), asked);
    client.open.set(register, asked);
    this.#past.push({ register, asked, client });
    this.#mutate(register, asked, client);
  }

  #operation(seen = 1): Operation {
    const { random } = this;
    this.#numbers += 1;
    const value = Buffer.from(String(this.#numbers));
    const expected = random.pick<Expected>([
      { kind: 'version', version: seen },
      { kind: 'value', value: Buffer.from(String(this.#numbers - random.int(4))) },
      { kind: 'absent' },
    ]);
    return random.pick<Operation>([
      { kind: 'put', value },
      { kind: 'put', value },
      { kind: 'increment', by: 1 },
      { kind: 'cas', expected, value },
      { kind: 'cas', expected, value },
      { kind: 'delete' },
    ]);
  }

  #mutate(register: string, asked: Asked, client: Client): void {
    const mutate = new Mutate(register, asked.id, asked.operation);
    this.#asked.set(mutate, { asked, client });
    this.#holder().client.trigger(mutate);
    this.#listen();
  }

  /** A copy of a request that is under way, at any member. */
  #askAgain(): void {
    const client = this.random.pick(this.#clients);
    for (const [register, asked] of client.open) this.#mutate(register, asked, client);
  }

  /** A copy of any request there ever was, which comes late. */
  #askLate(): void {
    if (this.#past.length === 0) return;
    const { register, asked, client } = this.random.pick(this.#past);
    this.#mutate(register, asked, client);
  }

  #read(member: Member): void {
    const read = new Read(this.random.pick(registers));
    this.#reads.set(read, this.lineages.of(read.register).low);
    member.client.trigger(read);
    this.#listen();
  }

  /** Gives up all that is under way at a member; what was asked is asked no more, if chance says so. */
  #abandon(): void {
    const member = this.#anyone();
    for (const request of [...this.#asked.keys(), ...this.#reads.keys()]) {
      if (this.random.int(2) === 0) member.client.trigger(new Abandon(request));
    }
    this.#listen();
    const client = this.random.pick(this.#clients);
    if (this.random.int(2) === 0) client.open.clear();
  }

  #crash(): void {
    const mayCrash = Math.ceil(this.size / 2) - 1 + (this.spares > 0 ? this.spares - 2 : 0);
    if (this.random.int(5) > 0 || this.#crashes >= mayCrash) return;
    this.#crashes += 1;
    this.cluster.crash(nameOf(this.random.pick(this.cluster.members)));
  }

  /** A detector may be wrong in any way. */
  #suspect(): void {
    const suspected = this.cluster.view.members.filter(() => this.random.int(3) === 0);
    const names = suspected.map(({ address }) => address.charAt(0)).join('');
    this.cluster.suspect(nameOf(this.#anyone()), names);
  }

  /** Messages travel for up to so long, and overtake one another; some are lost, some doubled, some cut off. */
  #trouble(): (envelope: Envelope) => readonly number[] {
    const { random } = this;
    const slowestMs = random.pick([2, 20, 200, 900]);
    const lost = random.pick([0, 0.03, 0.3]);
    const doubled = random.pick([0, 0.05, 0.3]);
    const cutOff = random.int(3) === 0 ? this.#anyone().self : undefined;
    return ({ source, destination }) => {
      if (source === cutOff || destination === cutOff || random.float() < lost) return [];
      const copies = random.float() < doubled ? 2 : 1;
      return Array.from({ length: copies }, () => random.int(slowestMs));
    };
  }

  #advance(ms: number): void {
    this.cluster.advance(ms);
    this.#listen();
  }

  #listen(): void {
    for (const { client, self } of this.cluster.members) {
      for (const answer of client.take()) {
        if (answer instanceof ReadReturn) this.#found(answer, self);
        else if (answer instanceof MutateReturn) this.#done(answer);
        else if (answer.request instanceof Mutate) this.#refused(answer.request, answer.reason);
        else this.#reads.delete(answer.request);
      }
    }
  }

  #found({ read, value, version }: ReadReturn, member: Address): void {
    const low = this.#reads.get(read);
    if (low === undefined) throw new Violation('a read is answered once');
    this.#reads.delete(read);
    const found = value ? Buffer.from(value).toString('latin1') : null;
    this.lineages.found(read.register, member, low, found, version);
    if (version === undefined) return;
    for (const { seen } of this.#clients) seen.set(read.register, version);
  }

  #done({ mutate, outcome }: MutateReturn): void {
    const { asked, client } = this.#take(mutate);
    this.lineages.of(mutate.register).answered(asked, outcome);
    if (client.open.get(mutate.register) === asked) client.open.delete(mutate.register);
    if (outcome.version !== undefined) client.seen.set(mutate.register, outcome.version);
  }

  #refused(mutate: Mutate, reason: string): void {
    const { asked, client } = this.#take(mutate);
    const isOpen = client.open.get(mutate.register) === asked;
    if (reason === 'session expired') {
      const lineage = this.lineages.of(mutate.register);
      lineage.refused(asked.id);
      if (isOpen) client.open.delete(mutate.register);
    } else if (reason === 'superseded' && isOpen) {
      throw new Violation(`D2: nothing came after ${keyOf(asked.id)}`);
    }
  }

  #take(mutate: Mutate): { asked: Asked; client: Client } {
    const waiting = this.#asked.get(mutate);
    if (!waiting) throw new Violation('a request is answered once');
    this.#asked.delete(mutate);
    return waiting;
  }

  /** I17: when messages arrive and suspicions are right, all that is asked is answered, and all are synced. */
  #heal(): void {
    this.#copies = () => [1 + this.random.int(3)];
    if (!this.views.isAlive) return;
    this.healed = true;
    const { members, view } = this.cluster;
    const living = members.map(({ self }) => self);
    const crashed = view.members.filter(({ address }) => !living.includes(address));
    const names = crashed.map(({ address }) => address.charAt(0)).join('');
    for (const member of members) {
      this.cluster.suspect(nameOf(member), names);
      this.views.tellNewest(member);
    }
    this.#advance(30_000);
    for (const client of this.#clients) {
      for (const register of registers) {
        const asked = client.open.get(register);
        if (asked) this.#mutate(register, asked, client);
      }
    }
    const group = this.views.groupOf(this.views.newest.number);
    const reader = members.findLast(({ self }) => group.includes(self));
    for (const register of registers) {
      const read = new Read(register);
      this.#reads.set(read, this.lineages.of(register).low);
      reader?.client.trigger(read);
    }
    this.#advance(30_000);
    const open = this.#clients.flatMap((client) => [...client.open.values()]);
    if (open.length > 0) {
      throw new Violation(`I17: ${open.map(({ id }) => keyOf(id)).join()} waits`);
    }
    if (!this.views.isSynced) throw new Violation('I17: not all are synced');
    const phases = this.count('slots.phases');
    if (phases > 0) throw new Violation(`I15: ${String(phases)} phases run when nobody waits`);
  }
}

function nameOf({ self }: Member): string {
  return self.charAt(0);
}
