import { getEventListeners } from 'node:events';

import {
  AskedBeforeError,
  Component,
  ComponentFault,
  DeadLetterError,
  Kill,
  KilledError,
  Stop,
  Start,
  type System,
  UnaskedError,
  Unanswered,
  UnansweredError,
  UnlistedResponseError,
  type VirtualHost,
  event,
  portType,
  request,
  type Context,
  type DeadLetter,
  type EdgeSource,
  type EventClass,
  type PortEvent,
} from '@jbstore/core';
import * as fc from 'fast-check';
import { Subject, of, throwError, type Subscription } from 'rxjs';

import { VirtualSystem, thrownBy } from './virtual-system';

class Value extends event('Value') {
  constructor(
    readonly key: string,
    readonly value: number,
  ) {
    super();
  }
}
class Exact extends Value {}
class Get extends request('Get', Value) {
  constructor(readonly key: string) {
    super();
  }
}
class GetFresh extends Get {}
class Touch extends event('Touch') {}

const Cache = portType('Cache', { requests: [Get, Touch], indications: [Value] });
/** Carries the same request under another name. */
const Backing = portType('Backing', { requests: [Get], indications: [Value] });
/** The provider asks. */
const Poll = portType('Poll', { requests: [Value], indications: [Get] });

/** Asks, and notes what comes of it. */
class Client extends Component {
  readonly cache = this.requires(Cache);
  readonly notes: string[] = [];

  constructor(context: Context) {
    super(context);
    this.cache.upon(Value, ({ key, value }) => {
      this.notes.push(`${key} ${String(value)}`);
    });
    this.cache.upon(Unanswered, ({ request, afterMs }) => {
      this.notes.push(`${(request as Get).key} unanswered after ${String(afterMs)} ms`);
    });
  }
}

/** Asks, and has no handlers. */
class Deaf extends Component {
  readonly cache = this.requires(Cache);
}

/** Provides, and has no handlers. */
class Silent extends Component {
  readonly cache = this.provides(Cache);
}

/** Keeps what it is asked, until the test answers it. */
class Provider extends Component {
  readonly cache = this.provides(Cache);
  readonly backing = this.provides(Backing);
  readonly asked: Get[] = [];

  constructor(context: Context) {
    super(context);
    const keep = (get: Get): void => {
      this.asked.push(get);
    };
    this.cache.upon(Get, keep);
    this.backing.upon(Get, keep);
  }

  answer(index: number, value: number): void {
    const get = this.asked[index];
    if (get) this.backing.answer(get, new Value(get.key, value));
  }
}

/** Hands requests on, and never sees an answer. */
class Forwarder extends Component {
  readonly cache = this.provides(Cache);
  readonly backed = this.provides(Backing);
  readonly upstream = this.requires(Cache);
  readonly backing = this.requires(Backing);
  readonly seen: PortEvent[] = [];

  constructor(context: Context, to: 'upstream' | 'backing') {
    super(context);
    const handOn = (get: Get): void => {
      this[to].next(get);
    };
    this.cache.upon(Get, handOn);
    this.backed.upon(Get, handOn);
    const see = (value: Value): void => {
      this.seen.push(value);
    };
    this.upstream.upon(Value, see);
    this.backing.upon(Value, see);
  }
}

interface Site {
  readonly host: VirtualHost;
  readonly system: System;
  readonly letters: string[];
  /** Handles all that waits, and lets `ms` pass. */
  readonly pass: (ms?: number) => void;
}

function setUp(onFault: (fault: ComponentFault) => void = () => undefined): Site {
  const { host, system, settle: pass } = new VirtualSystem({ onFault });
  const letters: string[] = [];
  system.deadLetters.subscribe(({ event: { type }, port, reason }: DeadLetter) => {
    letters.push(`${type} at ${port}: ${reason}`);
  });
  return { host, system, letters, pass };
}

/** A started system of a provider and `clients` of it. */
function served(clients = 1): Site & { provider: Provider; clients: Client[]; client: Client } {
  const site = setUp();
  const provider = site.system.create(Provider);
  const client = site.system.create(Client);
  const all = [client];
  while (all.length < clients) all.push(site.system.create(Client));
  for (const one of all) provider.cache.connect(one.cache);
  void site.system.start();
  site.pass();
  return { ...site, provider, client, clients: all };
}

function kill(system: System, component: Component): void {
  system.clientOf(component.control).next(new Kill());
}

function pendingAsks(system: System): number | undefined {
  return system.counters().find(({ name }) => name === 'pendingAsks')?.value;
}

/** Lets promises have their turns. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** What became of `promise` by now. */
async function fateOf(promise: Promise<unknown>): Promise<unknown> {
  const pending = Symbol('pending');
  const fate = promise.catch((error: unknown) => error);
  await turns();
  const outcome = await Promise.race([fate, Promise.resolve(pending)]);
  return outcome === pending ? 'pending' : outcome;
}

describe('2.8 Request and response', () => {
  test('an answer goes to the port that asked, not to other clients of the provided port', () => {
    const { provider, clients, pass, letters } = served(3);
    const [first, second, third] = clients;
    const observed: string[] = [];
    third?.cache.subscribe(({ key }) => observed.push(key));
    second?.cache.subscribe(({ key }) => observed.push(`second ${key}`));

    first?.cache.next(new Get('a'));
    second?.cache.next(new Get('b'));
    pass();
    provider.answer(1, 2);
    provider.answer(0, 1);
    pass();

    expect(clients.map(({ notes }) => notes)).toStrictEqual([['a 1'], ['b 2'], []]);
    expect(observed).toStrictEqual(['second b']);
    expect(letters).toStrictEqual([]);
  });

  test('through five components and two port types, in any order, also when those between are gone', () => {
    const { system, pass, letters } = setUp();
    const provider = system.create(Provider);
    const client = system.create(Client);
    const bystander = system.create(Client);
    const chain: Forwarder[] = [];
    for (let number = 0; number < 5; number += 1) {
      const forwarder = system.create(Forwarder, number % 2 ? 'upstream' : 'backing');
      const before = chain.at(-1);
      if (before) {
        forwarder.cache.connect(before.upstream);
        forwarder.backed.connect(before.backing);
      }
      chain.push(forwarder);
    }
    chain[0]?.cache.connect(client.cache, bystander.cache);
    const last = chain.at(-1);
    if (last) {
      provider.cache.connect(last.upstream);
      provider.backing.connect(last.backing);
    }
    void system.start();
    pass();

    for (const key of ['a', 'b', 'c']) client.cache.next(new Get(key));
    pass();
    provider.answer(2, 3);
    pass();
    for (const forwarder of chain) kill(system, forwarder);
    pass();
    provider.answer(0, 1);
    provider.answer(1, 2);
    pass();

    expect(client.notes).toStrictEqual(['c 3', 'a 1', 'b 2']);
    expect(bystander.notes).toStrictEqual([]);
    expect(chain.flatMap(({ seen }) => seen)).toStrictEqual([]);
    expect(letters).toStrictEqual([]);
  });

  test('an answer is handled in the turn of its port, in the order of arrival, by handlers and observers', () => {
    const { provider, client, pass } = served();
    const seen: string[] = [];
    client.cache.upon(Exact, ({ key }) => seen.push(`exact ${key}`));
    client.cache.subscribe(({ key }) => seen.push(`observed ${key}`));

    client.cache.next(new GetFresh('a'));
    pass();
    const [get] = provider.asked;
    if (get) provider.cache.answer(get, new Exact('a', 1));
    provider.cache.next(new Value('b', 2));
    expect(client.notes).toStrictEqual([]);
    pass();

    expect(get).toBeInstanceOf(GetFresh);
    expect(client.notes).toStrictEqual(['a 1', 'b 2']);
    expect(seen).toStrictEqual(['exact a', 'observed a', 'observed b']);
  });

  test('there is at most one answer: a second is a dead letter, though two providers answered', () => {
    const { system, client, provider, pass, letters } = served();
    const other = system.create(Provider);
    other.cache.connect(client.cache);
    pass();

    client.cache.next(new Get('a'));
    pass();
    other.answer(0, 2);
    provider.answer(0, 1);
    provider.answer(0, 3);
    pass();

    expect(client.notes).toStrictEqual(['a 2']);
    const late = 'Value at p/Provider.backing: answered';
    expect(letters).toStrictEqual([late, late]);
  });

  test('a request that is triggered again, by whomever, keeps its asker', () => {
    const { provider, clients, pass } = served(2);
    const [first, second] = clients;
    const get = new Get('a');

    first?.cache.next(get);
    second?.cache.next(get);
    first?.cache.next(get);
    pass();
    provider.answer(2, 1);
    pass();

    expect(provider.asked).toStrictEqual([get, get, get]);
    expect(first?.notes).toStrictEqual(['a 1']);
    expect(second?.notes).toStrictEqual([]);
  });

  test('an answer to a port without a handler, or of a component that was killed, is a dead letter', () => {
    const { system, provider, client, pass, letters } = served();
    const deaf = system.create(Deaf);
    provider.cache.connect(deaf.cache);
    pass();

    deaf.cache.next(new Get('a'));
    client.cache.next(new Get('b'));
    pass();
    provider.answer(0, 1);
    kill(system, client);
    provider.answer(1, 2);
    pass();

    expect(letters).toStrictEqual([
      'Value at p/Client.cache: killed',
      'Value at p/Deaf.cache: unhandled',
    ]);
  });

  test('a request that nobody triggered cannot be answered', () => {
    const { system, provider } = served();

    const unasked = thrownBy(() => {
      provider.cache.answer(new Get('a'), new Value('a', 1));
    });

    expect(unasked).toBeInstanceOf(UnaskedError);
    expect(unasked).toMatchObject({ code: 'ERR_UNASKED', request: 'Get' });
    void system.kill();
  });

  test('a tap sees the request pass, not the answer; a request put on a channel by hand comes from its near end', () => {
    const { system, pass } = setUp();
    const provider = system.create(Provider);
    const client = system.create(Client);
    const [channel] = provider.cache.connect(client.cache);
    const passed: string[] = [];
    channel?.requests.subscribe(({ type }) => passed.push(type));
    channel?.indications.subscribe(({ type }) => passed.push(type));
    void system.start();
    pass();

    client.cache.next(new Get('a'));
    channel?.requests.next(new Get('b'));
    pass();
    provider.answer(0, 1);
    provider.answer(1, 2);
    provider.cache.next(new Value('c', 3));
    pass();

    expect(client.notes).toStrictEqual(['a 1', 'b 2', 'c 3']);
    expect(passed).toStrictEqual(['Get', 'Get', 'Value']);
  });

  test('a provider may ask its clients: whoever of them answers first', () => {
    const { system, pass, letters } = setUp();
    class Poller extends Component {
      readonly poll = this.provides(Poll);
    }
    class Polled extends Component {
      readonly poll = this.requires(Poll);

      constructor(context: Context, value: number) {
        super(context);
        this.poll.upon(Get, (get) => {
          this.poll.answer(get, new Value(get.key, value));
        });
      }
    }
    const poller = system.create(Poller);
    poller.poll.connect(system.create(Polled, 1).poll, system.create(Polled, 2).poll);
    const answers: number[] = [];
    poller.poll.upon(Value, ({ value }) => answers.push(value));
    poller.poll.upon(Unanswered, () => answers.push(Infinity));
    void system.start();
    pass();

    poller.poll.ask(new Get('a'), 10);
    pass(100);

    expect(answers).toStrictEqual([1]);
    expect(letters).toStrictEqual(['Value at p/Polled-2.poll: answered']);
  });

  test('a port type lists the response to each request, in the other direction', () => {
    class Other extends event('Other') {}
    const list = (requests: EventClass[], indications: EventClass[]): unknown =>
      thrownBy(() => portType('Wrong', { requests, indications }));

    expect(list([Get], [Other])).toBeInstanceOf(UnlistedResponseError);
    expect(list([Get, Value], [])).toBeInstanceOf(UnlistedResponseError);
    expect(list([Other], [Touch, GetFresh])).toMatchObject({
      code: 'ERR_UNLISTED_RESPONSE',
      portType: 'Wrong',
      request: 'GetFresh',
      response: 'Value',
    });
    expect(list([Get], [Value])).toBeUndefined();
    class Narrow extends request('Narrow', Exact) {}
    expect(list([Narrow], [Value])).toBeUndefined();
  });
});

describe('2.8 Request and response, in time', () => {
  test('no answer in time is an event at the port that asked; one that comes later is a dead letter', () => {
    const { provider, clients, pass, letters, host } = served(2);
    const [first, second] = clients;

    first?.cache.ask(new Get('a'), 100);
    pass(60);
    first?.cache.ask(new Get('b'), 100);
    second?.cache.ask(new Get('c'), 50);
    pass(30);
    provider.answer(1, 2);
    pass(9.5);
    expect(first?.notes).toStrictEqual(['b 2']);
    pass(0.5);
    expect(first?.notes).toStrictEqual(['b 2', 'a unanswered after 100 ms']);
    pass(10);
    provider.answer(0, 1);
    provider.answer(2, 3);
    pass();

    expect(first?.notes).toStrictEqual(['b 2', 'a unanswered after 100 ms']);
    expect(second?.notes).toStrictEqual(['c unanswered after 50 ms']);
    const late = 'Value at p/Provider.backing: answered';
    expect(letters).toStrictEqual([late, late]);
    expect(host.nextMs).toBeUndefined();
  });

  test('observers do not see Unanswered, and where no handler takes it, it is a dead letter', () => {
    const { system, provider, client, pass, letters } = served();
    const deaf = system.create(Deaf);
    provider.cache.connect(deaf.cache);
    const seen: PortEvent[] = [];
    client.cache.subscribe((value) => seen.push(value));
    deaf.cache.subscribe((value) => seen.push(value));
    pass();

    client.cache.ask(new Get('a'), 100);
    deaf.cache.ask(new Get('b'), 100);
    pass(100);

    expect(client.notes).toStrictEqual(['a unanswered after 100 ms']);
    expect(seen).toStrictEqual([]);
    expect(letters).toStrictEqual(['Unanswered at p/Deaf.cache: unhandled']);
  });

  test('Unanswered arrives where requests leave, and nowhere else', () => {
    const { provider, client } = served();

    expect(thrownBy(() => client.cache.upon(Unanswered, () => undefined))).toBeUndefined();
    expect(thrownBy(() => provider.cache.upon(Unanswered, () => undefined))).toMatchObject({
      code: 'ERR_FOREIGN_EVENT',
    });
  });

  test('a request that reaches nobody is unanswered too', () => {
    const { system, pass, letters } = setUp();
    const client = system.create(Client);
    const [channel] = system.create(Provider).cache.connect(client.cache);
    void system.start();
    pass();
    channel?.unsubscribe();

    client.cache.ask(new Get('a'), 100);
    pass(100);

    expect(letters).toStrictEqual(['Get at p/Client.cache: unconnected']);
    expect(client.notes).toStrictEqual(['a unanswered after 100 ms']);
  });

  test('a request is asked once', () => {
    const { client, pass, host } = served();
    const get = new Get('a');

    client.cache.ask(get, 100);
    const again = thrownBy(() => {
      client.cache.ask(get, 200);
    });
    pass(300);

    expect(again).toBeInstanceOf(AskedBeforeError);
    expect(again).toMatchObject({ code: 'ERR_ASKED_BEFORE', request: 'Get' });
    expect(client.notes).toStrictEqual(['a unanswered after 100 ms']);
    expect(host.nextMs).toBeUndefined();
  });

  test('a stopped asker gets the answer, or Unanswered, when it starts again', () => {
    const { system, provider, client, pass } = served();
    const control = system.clientOf(client.control);

    client.cache.ask(new Get('a'), 100);
    client.cache.ask(new Get('b'), 100);
    pass();
    control.next(new Stop());
    pass();
    provider.answer(0, 1);
    pass(200);
    expect(client.notes).toStrictEqual([]);
    control.next(new Start());
    pass();

    expect(client.notes).toStrictEqual(['a 1', 'b unanswered after 100 ms']);
  });

  test('an asker that was restarted gets the answer, or Unanswered, at the same port', () => {
    const { system, pass, letters } = setUp();
    const notes: string[] = [];
    class Weak extends Client {
      readonly weakness = this.provides(Cache);

      constructor(context: Context) {
        super(context);
        this.weakness.upon(Touch, () => {
          throw new Error('touched');
        });
        this.cache.upon(Value, ({ key }) => notes.push(`${context.path} got ${key}`));
        this.cache.upon(Unanswered, () => notes.push('unanswered'));
      }
    }
    const provider = system.create(Provider);
    const weak = system.createWith({ supervision: { decide: 'restart' } }, Weak);
    provider.cache.connect(weak.cache);
    const weakness = system.clientOf(weak.weakness);
    void system.start();
    pass();

    weak.cache.ask(new Get('a'), 100);
    weak.cache.ask(new Get('b'), 100);
    pass();
    weakness.next(new Touch());
    pass();
    provider.answer(0, 1);
    pass(100);

    expect(notes).toStrictEqual(['p/Weak got a', 'unanswered']);
    expect(weak.notes).toStrictEqual([]);
    expect(letters).toStrictEqual(['Touch at p/Weak.weakness: faulted']);
  });

  test('an answer, and the end of the asker, take the timers back', () => {
    const { system, provider, client, pass, host, letters } = served();

    for (let number = 0; number < 1000; number += 1) client.cache.ask(new Get('a'), 100);
    client.cache.ask(new Get('b'), 200);
    pass();
    for (let number = 0; number < 1000; number += 1) provider.answer(number, number);
    pass();
    expect(client.notes).toHaveLength(1000);
    kill(system, client);
    pass();

    expect(host.nextMs).toBeUndefined();
    client.cache.ask(new Get('c'), 200);
    expect(host.nextMs).toBeUndefined();
    expect(letters).toStrictEqual(['Get at p/Client.cache: unconnected']);
  });

  test('however components hand requests on, answer, hesitate and die: each ask ends once', () => {
    const act = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ ask: fc.nat(), timeoutMs: fc.integer({ min: 1, max: 30 }) }),
      },
      { weight: 4, arbitrary: fc.record({ answer: fc.nat(), by: fc.nat() }) },
      { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 10 }) }) },
      { weight: 1, arbitrary: fc.record({ kill: fc.nat() }) },
    );
    const topology = fc.array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 2, maxLength: 8 });
    const acts = fc.array(act, { maxLength: 60 });

    fc.assert(
      fc.property(topology, acts, (handsTo, script) => {
        const { system, pass, letters, host } = setUp();
        /** Keeps some requests and hands others on, to the nodes further down. */
        class Node extends Component {
          readonly cache = this.provides(Cache);
          readonly upstream = this.requires(Cache);
          readonly kept: Get[] = [];

          constructor(context: Context) {
            super(context);
            this.cache.upon(Get, (get) => {
              this.kept.push(get);
              this.upstream.next(get);
            });
          }
        }
        const sink = system.create(Provider);
        const nodes = handsTo.map(() => system.create(Node));
        nodes.forEach(({ upstream }, index) => {
          sink.cache.connect(upstream);
          const below = nodes.slice(index + 1);
          const chosen = new Set(
            (handsTo[index] ?? []).map((number) => below[number % below.length]),
          );
          for (const node of chosen) node?.cache.connect(upstream);
        });
        const clients = nodes.slice(0, 3).map(({ cache }) => {
          const client = system.create(Client);
          cache.connect(client.cache);
          return client;
        });
        const askedBy = new Map<string, Client>();
        const gone = new Set<Component>();
        void system.start();
        pass();

        let answers = 0;
        for (const one of script) {
          if ('pass' in one) pass(one.pass);
          if ('ask' in one) {
            const client = clients[one.ask % clients.length];
            const key = `k${String(askedBy.size)}`;
            if (!client || gone.has(client)) continue;
            askedBy.set(key, client);
            client.cache.ask(new Get(key), one.timeoutMs);
          }
          if ('answer' in one) {
            const node = nodes[one.by % nodes.length];
            const get = node?.kept[one.answer % node.kept.length];
            if (!node || !get) continue;
            answers += 1;
            node.cache.answer(get, new Value(get.key, 1));
          }
          if ('kill' in one) {
            const all = [...clients, ...nodes];
            const component = all[one.kill % all.length];
            if (!component || gone.has(component)) continue;
            gone.add(component);
            kill(system, component);
          }
        }
        pass(100);

        const notes = clients.flatMap((client) => client.notes);
        for (const [key, client] of askedBy) {
          const ends = notes.filter((note) => note.startsWith(`${key} `));
          if (gone.has(client)) expect(ends.length).toBeLessThanOrEqual(1);
          else expect([key, ends.length]).toStrictEqual([key, 1]);
        }
        const taken = notes.filter((note) => note.endsWith(' 1')).length;
        const dead = letters.filter((letter) => letter.startsWith('Value')).length;
        expect(taken + dead).toBe(answers);
        expect(host.nextMs).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('2.8 Request and response, asked from outside', () => {
  test('ask is a promise of the answer, before the start too, and connects nothing', async () => {
    const { system, pass, letters } = setUp();
    const provider = system.create(Provider);
    const graph = system.graph();

    const first = system.ask(provider.cache, new Get('a'));
    expect(system.graph().channels).toStrictEqual(graph.channels);
    void system.start();
    pass();
    const second = system.ask(provider.cache, new GetFresh('b'));
    pass();
    provider.answer(1, 2);
    provider.answer(0, 1);

    expect(await first).toStrictEqual(new Value('a', 1));
    expect((await second).value).toBe(2);
    expect(letters).toStrictEqual([]);
    expect(pendingAsks(system)).toBe(0);
  });

  test('an answer comes through components that hand the request on', async () => {
    const { system, pass } = setUp();
    const provider = system.create(Provider);
    const forwarder = system.create(Forwarder, 'backing');
    provider.cache.connect(forwarder.upstream);
    provider.backing.connect(forwarder.backing);
    void system.start();
    pass();

    const asked = system.ask(forwarder.cache, new Get('a'));
    pass();
    provider.answer(0, 1);

    expect(await asked).toStrictEqual(new Value('a', 1));
    expect(forwarder.seen).toStrictEqual([]);
  });

  test('rejects when no answer came in time, after five seconds unless told', async () => {
    const { system, provider, pass, letters, host } = served();

    const short = system.ask(provider.cache, new Get('a'), { timeoutMs: 100 });
    const usual = system.ask(provider.cache, new Get('b'));
    const fates = [fateOf(short), fateOf(usual)];
    pass(4_999);
    expect(await fateOf(usual)).toBe('pending');
    pass(1);
    provider.answer(0, 1);

    expect(await fateOf(short)).toBeInstanceOf(UnansweredError);
    expect(await fateOf(usual)).toMatchObject({
      code: 'ERR_UNANSWERED',
      port: 'p/Provider.cache',
      request: 'Get',
      afterMs: 5_000,
    });
    await Promise.all(fates);
    expect(letters).toStrictEqual(['Value at p/Provider.backing: answered']);
    expect([pendingAsks(system), host.nextMs]).toStrictEqual([0, undefined]);
  });

  test('rejects with the reason of its signal, at whatever moment that aborts', async () => {
    const { system, provider, pass, letters, host } = served();
    const reason = new Error('enough');

    const before = system.ask(provider.cache, new Get('a'), { signal: AbortSignal.abort(reason) });
    expect(await fateOf(before)).toBe(reason);
    pass();
    expect(provider.asked).toStrictEqual([]);

    const queued = new AbortController();
    const handled = new AbortController();
    const answered = new AbortController();
    const asks = [queued, handled, answered].map(({ signal }, index) =>
      system.ask(provider.cache, new Get(String(index)), { signal }),
    );
    const fates = asks.map(fateOf);
    queued.abort(reason);
    pass();
    expect(provider.asked).toHaveLength(3);
    handled.abort(reason);
    for (const index of [0, 1, 2]) provider.answer(index, index);
    answered.abort(reason);

    expect(await Promise.all(fates)).toStrictEqual([reason, reason, new Value('2', 2)]);
    const late = 'Value at p/Provider.backing: answered';
    expect(letters).toStrictEqual([late, late]);
    expect([pendingAsks(system), host.nextMs]).toStrictEqual([0, undefined]);
    for (const { signal } of [queued, handled, answered]) {
      expect(getEventListeners(signal, 'abort')).toStrictEqual([]);
    }
  });

  test('listens to a signal once, however many ask with it, as Node warns of many listeners', async () => {
    const { system, provider, pass } = served();
    const controller = new AbortController();
    const { signal } = controller;

    const fates = Array.from({ length: 20 }, (_, index) =>
      fateOf(system.ask(provider.cache, new Get(String(index)), { signal })),
    );
    pass();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (let index = 0; index < 10; index += 1) provider.answer(index, index);
    controller.abort('enough');

    const values = Array.from({ length: 10 }, (_, index) => new Value(String(index), index));
    const reasons = values.map(() => 'enough');
    expect(await Promise.all(fates)).toStrictEqual([...values, ...reasons]);
    expect(getEventListeners(signal, 'abort')).toStrictEqual([]);
  });

  test('rejects when the request became a dead letter, with the reason and the place', async () => {
    const { system, pass } = setUp();
    const deaf = system.create(Silent);
    const provider = system.create(Provider);
    const forwarder = system.create(Forwarder, 'upstream');
    provider.backing.connect(forwarder.backing);
    const [channel] = provider.cache.connect(forwarder.upstream);
    void system.start();
    pass();

    expect(await fateOf(system.ask(deaf.cache, new Get('a')))).toBeInstanceOf(DeadLetterError);
    channel?.unsubscribe();
    const lost = system.ask(forwarder.cache, new Get('b'));
    pass();

    expect(await fateOf(lost)).toMatchObject({
      code: 'ERR_DEAD_LETTER',
      port: 'p/Forwarder.upstream',
      request: 'Get',
      reason: 'unconnected',
    });
    expect(pendingAsks(system)).toBe(0);
  });

  test('rejects when the component is killed: its request waits, was handled, or comes too late', async () => {
    const { system, provider, pass, letters, host } = served();

    const handled = system.ask(provider.cache, new Get('a'));
    pass();
    const waiting = system.ask(provider.cache, new Get('b'));
    const fates = [fateOf(handled), fateOf(waiting)];
    kill(system, provider);
    const late = fateOf(system.ask(provider.cache, new Get('c')));
    for (const fate of await Promise.all([...fates, late])) {
      expect(fate).toBeInstanceOf(KilledError);
      expect(fate).toMatchObject({ component: 'p/Provider' });
    }
    provider.answer(0, 1);
    pass();

    expect(letters).toStrictEqual([
      'Get at p/Provider.cache: killed',
      'Get at p/Provider.cache: killed',
      'Value at p/Provider.backing: answered',
    ]);
    expect([pendingAsks(system), host.nextMs]).toStrictEqual([0, undefined]);
  });

  test('waits on while the component is restarted, and rejects when its supervisor stops it', async () => {
    for (const decide of ['restart', 'stop'] as const) {
      const { system, pass } = setUp();
      class Weak extends Provider {
        constructor(context: Context, answers: Get[]) {
          super(context);
          this.cache.upon(Get, (get) => answers.push(get));
          this.cache.upon(Touch, () => {
            throw new Error('touched');
          });
        }
      }
      const asked: Get[] = [];
      const weak = system.createWith({ supervision: { decide } }, Weak, asked);
      const client = system.clientOf(weak.cache);
      void system.start();
      pass();

      const promise = system.ask(weak.cache, new Get('a'));
      pass();
      client.next(new Touch());
      pass();
      const [get] = asked;
      const fate = fateOf(promise);
      if (get && decide === 'restart') weak.cache.answer(get, new Value('a', 1));

      if (decide === 'restart') expect(await fate).toStrictEqual(new Value('a', 1));
      else expect(await fate).toMatchObject({ code: 'ERR_KILLED', component: 'p/Weak' });
    }
  });

  test('rejects with the fault that ends the system, and when that is killed', async () => {
    const faulty = served();
    faulty.provider.cache.upon(Touch, () => {
      throw new Error('broken');
    });
    const asked = faulty.system.ask(faulty.provider.cache, new Get('a'));
    const fate = fateOf(asked);
    faulty.system.clientOf(faulty.provider.cache).next(new Touch());
    faulty.pass();
    expect(await fate).toBeInstanceOf(ComponentFault);

    const ended = served();
    const pending = fateOf(ended.system.ask(ended.provider.cache, new Get('a')));
    await ended.system.kill();
    expect(await pending).toMatchObject({ code: 'ERR_KILLED', component: 'p' });
    const after = ended.system.ask(ended.provider.cache, new Get('b'));
    expect(await fateOf(after)).toMatchObject({ code: 'ERR_KILLED', component: 'p' });
  });

  test('a request is asked once', async () => {
    const { system, provider, pass } = served();
    const get = new Get('a');

    const first = system.ask(provider.cache, get);
    const second = system.ask(provider.cache, get);
    pass();
    provider.answer(0, 1);

    expect(await fateOf(second)).toBeInstanceOf(AskedBeforeError);
    expect(await first).toStrictEqual(new Value('a', 1));
  });

  test('nothing is held of what has ended: after 100 000 asks none waits, no timer, no event', async () => {
    const { system, provider, pass, host } = served();
    const graph = system.graph();

    for (let round = 0; round < 100; round += 1) {
      const asks: Promise<unknown>[] = [];
      for (let number = 0; number < 1000; number += 1) {
        const timeoutMs = 1 + (number % 7);
        const get = new Get(String(number));
        asks.push(system.ask(provider.cache, get, { timeoutMs }).catch(() => undefined));
      }
      expect(pendingAsks(system)).toBe(1000);
      pass();
      for (let number = 0; number < 1000; number += 2) provider.answer(number, number);
      pass(10);
      await Promise.all(asks);
      provider.asked.length = 0;
    }

    expect([pendingAsks(system), host.nextMs]).toStrictEqual([0, undefined]);
    expect(system.graph().channels).toStrictEqual(graph.channels);
    expect(system.graph().components.map(({ queuedEvents }) => queuedEvents)).toStrictEqual(
      graph.components.map(() => 0),
    );
  });
});

class Loaded extends event('Loaded') {
  constructor(readonly text: string) {
    super();
  }
}
class LoadedLate extends Loaded {}

/** Takes its time to end. */
class Slow extends Component {
  constructor(context: Context) {
    super(context);
    context.onRelease(() => turns());
  }
}

/** Brings what the test gives it, and notes what happens. */
class Loader extends Component {
  readonly cache = this.provides(Cache);
  readonly notes: string[] = [];

  constructor(context: Context) {
    super(context);
    const note = ({ type }: PortEvent): void => {
      this.notes.push(type);
    };
    this.control.upon(Start, note);
    this.control.upon(Stop, note);
    this.control.upon(Kill, note);
    this.cache.upon(Touch, note);
  }

  /** From now on it has an edge. */
  listen(): void {
    this.edge.upon(Loaded, ({ type, text }) => {
      this.notes.push(`${type} ${text}`);
    });
  }

  createSlow(): void {
    this.create(Slow);
  }

  bring(source: EdgeSource): Subscription {
    return this.edge.bring(source);
  }
}

function loading(
  prepare: (loader: Loader) => void = () => undefined,
): Site & { loader: Loader; faults: ComponentFault[] } {
  const faults: ComponentFault[] = [];
  const site = setUp((fault) => faults.push(fault));
  const loader = site.system.create(Loader);
  prepare(loader);
  loader.listen();
  void site.system.start();
  site.pass();
  return { ...site, loader, faults };
}

/** An Observable that emits when the test says so, and notes whether anybody listens. */
function tap(): { source: Subject<Loaded>; emit: (text: string) => void } {
  const source = new Subject<Loaded>();
  return {
    source,
    emit: (text) => {
      source.next(new Loaded(text));
    },
  };
}

describe('1 Model, asynchronous work at the edge', () => {
  test('what is brought is handled in the turn of the component, in the order of arrival among all others', () => {
    const { system, loader, pass } = loading();
    const client = system.clientOf(loader.cache);
    const { source, emit } = tap();

    loader.bring(source);
    loader.bring(of(new Loaded('a'), new LoadedLate('b')));
    client.next(new Touch());
    emit('c');
    client.next(new Touch());
    loader.bring([new Loaded('d')]);
    expect(loader.notes).toStrictEqual(['Start']);
    pass();

    const texts = ['Loaded a', 'Loaded b', 'Touch', 'Loaded c', 'Touch', 'Loaded d'];
    expect(loader.notes).toStrictEqual(['Start', ...texts]);
  });

  test('promises, async iterables and functions that make them come in too', async () => {
    const { loader, pass } = loading();
    async function* texts(): AsyncGenerator<Loaded> {
      yield await Promise.resolve(new Loaded('a'));
      yield new Loaded('b');
    }
    const signals: AbortSignal[] = [];

    loader.bring(texts());
    loader.bring(Promise.resolve(new Loaded('c')));
    const last = loader.bring(async (signal) => {
      signals.push(signal);
      return await Promise.resolve(new Loaded('d'));
    });
    await turns();
    pass();

    expect(loader.notes.slice(1).sort()).toStrictEqual([
      'Loaded a',
      'Loaded b',
      'Loaded c',
      'Loaded d',
    ]);
    expect([last.closed, signals[0]?.aborted]).toStrictEqual([true, false]);
  });

  test('what fails is a fault of the component: a rejection, an error, a throw, what is no event', async () => {
    const cause = new Error('broken');
    const fails: EdgeSource[] = [
      () => Promise.reject(cause),
      throwError(() => cause),
      () => {
        throw cause;
      },
    ];
    for (const source of fails) {
      const { loader, faults } = loading();
      loader.bring(source);
      await turns();
      expect(faults).toMatchObject([{ component: 'p/Loader', cause }]);
    }
    const { loader, faults } = loading();
    loader.bring([{ type: 'Loaded', text: 'a' } as unknown as Loaded]);
    expect(faults).toMatchObject([{ cause: { code: 'ERR_FOREIGN_EVENT' } }]);
  });

  test('Stop cancels, after what had arrived; while stopped nothing is brought; Start may bring anew', () => {
    const { system, loader, pass, letters } = loading();
    const control = system.clientOf(loader.control);
    const { source, emit } = tap();
    const signals: AbortSignal[] = [];
    const made = (signal: AbortSignal): Subject<Loaded> => {
      signals.push(signal);
      return source;
    };

    const brought = loader.bring(made);
    emit('a');
    control.next(new Stop());
    pass();
    expect(loader.notes).toStrictEqual(['Start', 'Loaded a', 'Stop']);
    expect([brought.closed, signals[0]?.aborted, source.observed]).toStrictEqual([
      true,
      true,
      false,
    ]);
    const refused = loader.bring(made);
    expect([refused.closed, signals.length]).toStrictEqual([true, 1]);
    emit('b');
    loader.control.upon(Start, () => {
      loader.bring(made);
    });
    control.next(new Start());
    pass();
    emit('c');
    pass();

    expect(loader.notes.slice(3)).toStrictEqual(['Start', 'Loaded c']);
    expect(letters).toStrictEqual([]);
  });

  test('Kill cancels at once, though a handler of it fails; what fails afterwards is of no account', async () => {
    for (const thrown of [undefined, new Error('broken')]) {
      const { system, loader, pass, faults, letters } = loading((created) => {
        created.createSlow();
        created.control.upon(Kill, () => {
          if (thrown) throw thrown;
        });
      });
      const { source, emit } = tap();
      let reject: (cause: unknown) => void = () => undefined;
      const late = new Promise<Loaded>((_resolve, rejectIt) => (reject = rejectIt));
      const aborted: string[] = [];
      loader.bring(source);
      loader.bring((signal) => {
        signal.addEventListener('abort', () => aborted.push('aborted'));
        return late;
      });

      kill(system, loader);
      if (!thrown) expect(source.observed).toBe(false);
      await turns();
      await turns();
      emit('a');
      reject(new Error('too late'));
      expect(loader.bring(source).closed).toBe(true);
      await turns();
      pass();

      expect([aborted, source.observed]).toStrictEqual([['aborted'], false]);
      expect(faults.map(({ cause }) => cause)).toStrictEqual(thrown ? [thrown] : []);
      expect(letters).toStrictEqual([]);
    }
  });

  test('a restart cancels what the former instance brought, which can bring no more; the next has the same port', () => {
    const { system, pass, letters } = setUp();
    const sources: Subject<Loaded>[] = [];
    const signals: AbortSignal[] = [];
    const loaders: Weak[] = [];
    class Weak extends Loader {
      constructor(context: Context) {
        super(context);
        loaders.push(this);
        this.listen();
        this.cache.upon(Touch, () => {
          throw new Error('touched');
        });
        this.control.upon(Start, () => {
          this.bring((signal) => {
            const source = new Subject<Loaded>();
            sources.push(source);
            signals.push(signal);
            return source;
          });
        });
      }
    }
    const first = system.createWith({ supervision: { decide: 'restart' } }, Weak);
    const client = system.clientOf(first.cache);
    void system.start();
    pass();

    client.next(new Touch());
    pass();
    client.next(new Touch());
    pass();
    for (const [index, source] of sources.entries()) source.next(new Loaded(String(index)));
    expect(first.bring(of(new Loaded('too late'))).closed).toBe(true);
    pass();

    expect(
      loaders.map(({ notes }) => notes.filter((note) => note.startsWith('Loaded'))),
    ).toStrictEqual([[], [], ['Loaded 2']]);
    expect(sources.map(({ observed }) => observed)).toStrictEqual([false, false, true]);
    expect(signals.map(({ aborted }) => aborted)).toStrictEqual([true, true, false]);
    const { components } = system.graph();
    const ports = components.find(({ path }) => path === 'p/Weak')?.ports ?? [];
    expect(ports.map(({ name }) => name)).toStrictEqual(['cache', 'edge']);
    const touched = 'Touch at p/Weak.cache: faulted';
    expect(letters).toStrictEqual([touched, touched]);
  });

  test('the subscription cancels one alone; one that ended by itself aborts nothing', () => {
    const { loader, pass } = loading();
    const first = tap();
    const second = tap();
    const signals: AbortSignal[] = [];
    const subscriptions = [first, second].map(({ source }) =>
      loader.bring((signal) => {
        signals.push(signal);
        return source;
      }),
    );

    subscriptions[0]?.unsubscribe();
    first.emit('a');
    second.emit('b');
    second.source.complete();
    pass();

    expect(loader.notes).toStrictEqual(['Start', 'Loaded b']);
    expect(signals.map(({ aborted }) => aborted)).toStrictEqual([true, false]);
  });

  test('an event without a handler is a dead letter, and the edge is a port of the graph, once used', () => {
    const { system, loader, pass, letters } = loading();
    const other = system.create(Loader);
    const portsOf = (type: string): string[] | undefined =>
      system
        .graph()
        .components.find(({ path }) => path === `p/${type}`)
        ?.ports.map(({ name }) => name);

    loader.bring(of(new Touch()));
    pass();

    expect(letters).toStrictEqual(['Touch at p/Loader.edge: unhandled']);
    expect(portsOf('Loader')).toStrictEqual(['cache', 'edge']);
    expect(portsOf('Loader-2')).toStrictEqual(['cache']);
    other.listen();
    expect(portsOf('Loader-2')).toStrictEqual(['cache', 'edge']);
  });

  test('what is brought before the start waits for it', () => {
    const { system, pass } = setUp();
    const loader = system.create(Loader);
    loader.listen();

    loader.bring(of(new Loaded('a')));
    pass();
    expect(loader.notes).toStrictEqual([]);
    void system.start();
    pass();

    expect(loader.notes).toStrictEqual(['Start', 'Loaded a']);
  });
});
