import type { IndicationOf } from '@jbstore/core';
import type { Call } from '@jbstore/linearizability';
import { ProcessId, address, type Address, type Message } from '@jbstore/network/port';
import {
  Get,
  GetRequest,
  Incremented,
  type JBStore,
  MutateRequest,
  MutatedReply,
  Mismatch,
  type Mutation,
  NotFound,
  NotFoundReply,
  Ok,
  OkReply,
  Page,
  Put,
  PutRequest,
  RefusedReply,
  type Scan,
  Value,
  ValueReply,
} from '@jbstore/store/port';

import { VirtualCluster, type VirtualClusterOptions } from '../virtual-cluster';
import { Calls, type Outcome } from './calls';
import { Hand, nameOf } from './hand';

/** All schedules are about one key. Its place is such that the ranks of a, b, c… are 0, 1, 2… */
const keyName = 'x';
const key = Buffer.from(keyName);

/** How far the clock of a member is ahead of that of the next one. Nothing of ours may care. */
const clocksApartMs = 10_000;

/** A generation of sessions that are never over. */
const youngest = 2 ** 31;

/** How long a request waits, unless it says so: longer than any schedule takes. */
const patienceMs = 60_000;

export interface WorldOptions {
  readonly members?: number;
  readonly register?: VirtualClusterOptions['register'];
}

/** A client with a front end, as programs have it. */
export interface Client {
  readonly name: string;
  put(value: string, timeoutMs?: number): void;
  get(timeoutMs?: number): void;
}

/**
 * A cluster whose members, a, b, c…, all keep the key, in the hands of a schedule. What its clients ask
 * and are told, without delay unless the schedule has it in hand, is the history by which it is judged.
 */
export class World {
  readonly hand: Hand;
  readonly calls = new Calls();
  /** What was asked should have been answered, and not refused. */
  answersDemanded = false;
  readonly #cluster: VirtualCluster;
  readonly #register: WorldOptions['register'];
  /** Each takes what a client was told since the last time. */
  readonly #listeners: (() => void)[] = [];
  readonly #cut = new Set<string>();
  #clients = 0;

  constructor({ members = 3, register = 'multi-writer' }: WorldOptions = {}) {
    this.#register = register;
    const sizes = { nodes: members, replication: members };
    this.#cluster = new VirtualCluster({ ...sizes, register, clocksApartMs });
    const { processes } = this.#cluster;
    processes.wire.rule(({ message, source, destination }, otherwise) => {
      if ([source, destination].some((process) => this.#cut.has(nameOf(process)))) return 'drop';
      return message.declaration.type.startsWith('store/') ? 0 : otherwise;
    });
    this.hand = new Hand(processes.wire, () => {
      this.advance(0);
    });
    processes.start();
    processes.advance(1_000);
  }

  /** The members, without those named in `but`. */
  members(but = ''): string {
    return this.#cluster.addresses
      .map(nameOf)
      .filter((name) => !but.includes(name))
      .join('');
  }

  /** A client without a front end asks the member `at`, and no other. */
  put(at: string, text: string, timeoutMs = patienceMs): void {
    const call = this.calls.begin({ op: 'put', key: keyName, value: text });
    const value = bytesOf(text);
    const member = this.#address(at);
    if (this.#register !== 'exactly-once') {
      this.#ask(call, new PutRequest(member, { id: 1, key, value, timeoutMs }));
      return;
    }
    const session = { generation: youngest, chance: this.#newName().padStart(12) };
    const operation = { kind: 'put', value } as const;
    const request = { session, sequence: 1 };
    this.#ask(call, new MutateRequest(member, { id: 1, request, key, operation, timeoutMs }));
  }

  get(at: string, timeoutMs = patienceMs): void {
    const call = this.calls.begin({ op: 'get', key: keyName });
    this.#ask(call, new GetRequest(this.#address(at), { id: 1, key, timeoutMs }));
  }

  /** A client that knows the view, with a front end. */
  client(): Client {
    const name = this.#newName();
    const jb = this.#cluster.client(name);
    const running = new Map<Mutation | Get | Scan, Call>();
    this.#listeners.push(() => {
      for (const answer of jb.take()) {
        const [request, outcome] = toldBy(answer);
        const call = running.get(request);
        if (call) this.calls.end(call, outcome);
      }
    });
    const ask = (call: Call, request: Put | Get): void => {
      running.set(request, call);
      jb.trigger(request);
      this.advance(0);
    };
    this.#cluster.processes.start();
    this.advance(100);
    return {
      name,
      put: (value, timeoutMs = patienceMs) => {
        ask(
          this.calls.begin({ op: 'put', key: keyName, value }),
          new Put(key, bytesOf(value), { timeoutMs }),
        );
      },
      get: (timeoutMs = patienceMs) => {
        ask(this.calls.begin({ op: 'get', key: keyName }), new Get(key, { timeoutMs }));
      },
    };
  }

  /** From here on there is nothing that would keep the cluster from answering what was asked. */
  demandAnswers(): void {
    this.answersDemanded = true;
  }

  /** Ends a member as SIGKILL does, and starts another process under its name. */
  restart(name: string): void {
    this.#cluster.begin(this.#address(name));
    this.#cluster.processes.start();
  }

  /** Loses every message of this member, and to it, until it is joined again. */
  cut(name: string): void {
    this.#cut.add(name);
  }

  join(name: string): void {
    this.#cut.delete(name);
  }

  /** Lets `ms` milliseconds pass, and whatever is to happen meanwhile. */
  advance(ms: number): void {
    this.#cluster.processes.advance(ms);
    for (const listen of this.#listeners) listen();
  }

  #ask(call: Call, request: Message): void {
    const self = address({ id: ProcessId.parse(this.#newName()) });
    const { processes } = this.#cluster;
    const process = processes.create(self, (_system, network) => network);
    const messages = process.clientOf(process.component.network);
    this.#listeners.push(() => {
      for (const reply of messages.take()) {
        const outcome = outcomeOf(reply);
        if (outcome) this.calls.end(call, outcome);
      }
    });
    processes.start();
    messages.trigger(request);
    this.advance(0);
  }

  #newName(): string {
    this.#clients += 1;
    return `c${String(this.#clients)}`;
  }

  #address(name: string): Address {
    const found = this.#cluster.addresses.find((member) => nameOf(member) === name);
    if (!found) throw new Error(`there is no member ${name}`);
    return found;
  }
}

function bytesOf(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString('latin1');
}

/** What a node has told a client. */
function outcomeOf(reply: Message): Outcome | undefined {
  if (reply instanceof OkReply || reply instanceof MutatedReply) return { status: 'ok' };
  if (reply instanceof ValueReply) return { status: 'ok', value: textOf(reply.value) };
  if (reply instanceof NotFoundReply) return { status: 'ok', value: null };
  if (!(reply instanceof RefusedReply)) return undefined;
  return { status: reply.code === 'outcome unknown' ? 'unknown' : 'fail' };
}

/** What a front end has told its user, and of which request. */
function toldBy(answer: IndicationOf<typeof JBStore>): [Mutation | Get | Scan, Outcome] {
  if (answer instanceof Ok) return [answer.request, { status: 'ok' }];
  if (answer instanceof Incremented) return [answer.increment, { status: 'ok' }];
  if (answer instanceof Mismatch) return [answer.cas, { status: 'fail' }];
  if (answer instanceof Value) return [answer.get, { status: 'ok', value: textOf(answer.value) }];
  if (answer instanceof NotFound) return [answer.get, { status: 'ok', value: null }];
  if (answer instanceof Page) return [answer.scan, { status: 'ok' }];
  const status = answer.failure === 'outcome unknown' ? 'unknown' : 'fail';
  return [answer.request, { status }];
}
