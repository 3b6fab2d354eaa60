import {
  Component,
  ComponentFault,
  Kill,
  KilledError,
  ReplacementError,
  Start,
  Stop,
  System,
  VirtualHost,
  event,
  portType,
  type Context,
  type CreationOptions,
  type Directive,
  type LifeState,
  type PortEvent,
  type RequiredPort,
} from '@jbstore/core';
import fc from 'fast-check';

/** Sent once, on one way; may make the component that handles it fail, as often as `failures` says. */
class Item extends event('Item') {
  constructor(
    readonly way: string,
    readonly number: number,
    readonly failures: number,
    readonly hops: number,
  ) {
    super();
  }
}
const Work = portType('Work', { requests: [Item], indications: [] });
const Line = portType('Line', { requests: [Item], indications: [Item] });

interface Spec {
  readonly options: CreationOptions;
  readonly children: readonly Spec[];
}

/** What was done with one item. */
interface Account {
  handled: number;
  failed: number;
  dead: string[];
}

type Place = 'Start' | 'Stop' | 'Kill' | 'constructor' | 'release' | 'hand-over';

/** What a run may do to a component that runs: nothing, unless the state of all above it lets it. */
const running = new Set<LifeState>(['starting', 'started', 'stopping']);

/** The components of one run, what was sent, and the properties that hold in every turn. */
class World {
  readonly host = new VirtualHost();
  readonly system: System;
  readonly accounts = new Map<Item, Account>();
  readonly latest = new Map<string, Node>();
  readonly edges: ((fails: boolean) => void)[] = [];
  /** What was asked for and has not come to an end. */
  readonly asked = new Set<string>();
  readonly violations: string[] = [];
  /** What fails next, at whichever component comes to it. */
  readonly failing = new Map<Place, number>();
  slowReleases = 0;
  pending: (() => void)[] = [];
  goal: LifeState = 'created';
  #asks = 0;
  readonly #clients = new Map<string, RequiredPort<typeof Work>>();
  readonly #numbers = new Map<string, number>();
  /** The last item that each component began to handle of each way. */
  readonly #begun = new Map<string, number>();

  constructor(specs: readonly Spec[]) {
    const fairness = { batchEvents: 2, sliceEvents: 3 };
    this.system = new System('p', { seed: 'world', host: this.host, fairness });
    this.system.terminated.catch(() => undefined);
    this.system.deadLetters.subscribe(({ event: letter, reason }) => {
      this.account(letter)?.dead.push(reason);
    });
    for (const spec of specs) this.system.createWith(spec.options, Node, this, spec);
  }

  account(item: PortEvent): Account | undefined {
    return item instanceof Item ? this.accounts.get(item) : undefined;
  }

  /** A fault that nobody could treat ended the system. */
  get ended(): boolean {
    return this.states().get('p') === 'killed';
  }

  states(): Map<string, LifeState> {
    return new Map(this.system.graph().components.map(({ path, state }) => [path, state]));
  }

  item(way: string, failures: number, hops: number): Item {
    const number = (this.#numbers.get(way) ?? 0) + 1;
    this.#numbers.set(way, number);
    const item = new Item(way, number, failures, hops);
    this.accounts.set(item, { handled: 0, failed: 0, dead: [] });
    return item;
  }

  send(path: string, failures: number, hops: number): void {
    const node = this.latest.get(path);
    let client = this.#clients.get(path);
    if (!client && node && this.states().has(path)) {
      this.#clients.set(path, (client = this.system.clientOf(node.work)));
    }
    client?.next(this.item(`outside to ${path}`, failures, hops));
  }

  /** Everything that is asked for settles, one way or another. */
  ask(what: string, promise: Promise<unknown>): void {
    const name = `${what} (${String((this.#asks += 1))})`;
    this.asked.add(name);
    const known = [KilledError, ComponentFault, ReplacementError];
    void promise
      .catch((error: unknown) => {
        if (!known.some((one) => error instanceof one)) this.violations.push(String(error));
      })
      .then(() => this.asked.delete(name));
  }

  /** Throws if it is the turn of `place` to fail. */
  maybeFail(place: Place): void {
    const times = this.failing.get(place) ?? 0;
    if (times === 0) return;
    this.failing.set(place, times - 1);
    throw new Error(`in ${place}`);
  }

  /** No component runs while one above it does not. */
  assertRuns(path: string, what: string, allowed: ReadonlySet<LifeState> = running): void {
    const states = this.states();
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = path.slice(0, end);
      const state = states.get(above);
      if (!state || !allowed.has(state)) {
        this.violations.push(`${path} did ${what} while ${above} was ${String(state)}`);
      }
    }
  }

  /** First in, first out, for each way; only a retry comes again. */
  assertOrder(path: string, item: Item): void {
    const key = `${path} ${item.way}`;
    const before = this.#begun.get(key) ?? 0;
    const again = (this.account(item)?.failed ?? 0) > 0;
    if (item.number < before || (item.number === before && !again)) {
      this.violations.push(`${key}: ${String(item.number)} came after ${String(before)}`);
    }
    this.#begun.set(key, item.number);
  }
}

class Node extends Component {
  readonly work = this.provides(Work);
  readonly up;
  readonly downs;
  readonly #world: World;
  readonly #path: string;
  #handling = false;

  constructor(
    readonly context: Context,
    world: World,
    readonly spec: Spec,
    depth = 0,
  ) {
    super(context);
    this.#world = world;
    this.#path = context.path;
    const made = new Set<LifeState>([...running, 'created', 'stopped']);
    world.assertRuns(this.#path, 'making', made);
    world.latest.set(this.#path, this);
    this.up = depth > 0 ? this.requires(Line) : undefined;
    this.downs = spec.children.map(() => this.provides(Line));
    this.control.upon(Start, () => this.#obey('Start'));
    this.control.upon(Stop, () => this.#obey('Stop'));
    this.control.upon(Kill, () => world.maybeFail('Kill'));
    this.work.upon(Item, (item) => this.#handle(item));
    this.up?.upon(Item, (item) => this.#handle(item));
    for (const down of this.downs) down.upon(Item, (item) => this.#handle(item));
    context.onRelease(() => this.#release());
    world.edges.push(context.edge((fails: boolean) => this.#edge(fails)));
    spec.children.forEach((child, index) => {
      const node = this.createWith(child.options, Node, world, child, depth + 1);
      if (node.up) this.downs[index]?.connect(node.up);
    });
    world.maybeFail('constructor');
  }

  handOver(): string {
    this.#world.maybeFail('hand-over');
    return this.#path;
  }

  #obey(command: 'Start' | 'Stop'): void {
    this.#world.assertRuns(this.#path, command);
    if (this.#world.latest.get(this.#path) !== this) {
      this.#world.violations.push(`a former ${this.#path} obeyed ${command}`);
    }
    this.#world.maybeFail(command);
  }

  #handle(item: Item): void {
    const world = this.#world;
    const account = world.account(item);
    if (this.#handling) world.violations.push(`${this.#path} was entered twice`);
    if (world.latest.get(this.#path) !== this) {
      world.violations.push(`a former ${this.#path} handled ${item.way}`);
    }
    world.assertRuns(this.#path, `handling ${item.way}`);
    world.assertOrder(this.#path, item);
    this.#handling = true;
    try {
      this.#passOn(item);
      if (!account || account.failed >= item.failures) {
        if (account) account.handled += 1;
        return;
      }
      account.failed += 1;
      // Failing twice in one turn counts, and is settled, once.
      if (item.number % 3 === 0) this.context.fault(new Error('before the throw'));
      throw new Error(item.way);
    } finally {
      this.#handling = false;
    }
  }

  /** Up and down the tree: a way for each end of each channel, as instances come and go. */
  #passOn({ hops, failures }: Item): void {
    if (hops === 0) return;
    const own = `${this.#path} ${String(this.context.random('way').bits32())}`;
    for (const [index, down] of this.downs.entries()) {
      down.next(this.#world.item(`${own} down ${String(index)}`, failures, hops - 1));
    }
    this.up?.next(this.#world.item(`${own} up`, 0, hops - 1));
  }

  #release(): void | Promise<void> {
    const world = this.#world;
    if (world.slowReleases === 0) {
      world.maybeFail('release');
      return undefined;
    }
    world.slowReleases -= 1;
    return new Promise<void>((resolve) => world.pending.push(resolve)).then(() => {
      world.maybeFail('release');
    });
  }

  #edge(fails: boolean): void {
    const state = this.#world.states().get(this.#path);
    if (state === undefined || state === 'suspended' || state === 'killed') {
      this.#world.violations.push(`an edge of ${this.#path} ran, which is ${String(state)}`);
    }
    if (this.#world.latest.get(this.#path) !== this) {
      this.#world.violations.push(`an edge of a former ${this.#path} ran`);
    }
    if (fails) throw new Error('edge');
  }
}
class OtherNode extends Node {}

const directive = fc.constantFrom<Directive>('resume', 'restart', 'stop', 'escalate');
const supervision = fc.record({
  decide: fc.oneof(
    directive,
    // One after another, as the same component fails again.
    fc.array(directive, { minLength: 1, maxLength: 3 }).map((all) => {
      let asked = 0;
      return (): Directive => all[asked++ % all.length] ?? 'stop';
    }),
  ),
  event: fc.constantFrom('skip' as const, 'retry' as const, 'dead-letter' as const),
  budget: fc.record({ faults: fc.nat(4), withinMs: fc.constantFrom(10, 100) }),
});
const backoff = fc.constantFrom(undefined, { firstMs: 5, factor: 2, longestMs: 20 });
const mailbox = fc.record({
  capacity: fc.integer({ min: 1, max: 4 }),
  overflow: fc.constantFrom('drop-newest' as const, 'drop-oldest' as const, 'fault' as const),
});
const options = fc
  .record({
    supervision: fc.option(fc.tuple(supervision, backoff), { freq: 6, nil: undefined }),
    mailbox: fc.option(mailbox, { freq: 2, nil: undefined }),
  })
  .map(({ supervision: given, mailbox: bound }): CreationOptions => {
    const [rest, wait] = given ?? [];
    return {
      ...(rest && { supervision: { ...rest, ...(wait && { backoff: wait }) } }),
      ...(bound && { mailbox: bound }),
    };
  });
function treeOf(depth: number): fc.Arbitrary<Spec> {
  const children = depth === 0 ? fc.constant([]) : fc.array(treeOf(depth - 1), { maxLength: 2 });
  return fc.record({ options, children });
}

const which = fc.nat(1_000);
const step = fc.oneof(
  {
    arbitrary: fc.record({
      what: fc.constant('send' as const),
      which,
      failures: fc.constantFrom(0, 0, 0, 1, 2, 50),
      hops: fc.nat(2),
    }),
    weight: 8,
  },
  { arbitrary: fc.record({ what: fc.constant('advance' as const), ms: fc.nat(12) }), weight: 4 },
  { arbitrary: fc.record({ what: fc.constant('step' as const) }), weight: 6 },
  {
    arbitrary: fc.record({
      what: fc.constant('fail' as const),
      place: fc.constantFrom<Place>('Start', 'Stop', 'Kill', 'constructor', 'release', 'hand-over'),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      what: fc.constantFrom('Start', 'Stop', 'Kill', 'replace', 'edge', 'failing edge'),
      which,
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ what: fc.constantFrom('start', 'stop', 'slow', 'release') }),
    weight: 4,
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function perform(world: World, one: Step): void {
  const { system, latest, edges } = world;
  const chosen = 'which' in one ? one.which : 0;
  const paths = [...latest.keys()];
  const path = paths[chosen % paths.length] ?? '';
  const node = latest.get(path);
  const alive = node && world.states().has(path);
  switch (one.what) {
    case 'send':
      if ('failures' in one) world.send(path, one.failures, one.hops);
      return;
    case 'advance':
      if ('ms' in one) world.host.advance(one.ms);
      return;
    case 'step':
      world.host.step();
      return;
    case 'fail':
      if ('place' in one) world.failing.set(one.place, 1);
      return;
    case 'Start':
      if (alive) system.clientOf(node.control).next(new Start());
      return;
    case 'Stop':
      if (alive) system.clientOf(node.control).next(new Stop());
      return;
    case 'Kill':
      if (alive) system.clientOf(node.control).next(new Kill());
      return;
    case 'replace': {
      if (!node) return;
      const Type = node instanceof OtherNode ? Node : OtherNode;
      const depth = path.split('/').length - 2;
      world.ask(`replace ${path}`, system.replace(node, Type, [world, node.spec, depth]));
      return;
    }
    case 'edge':
    case 'failing edge':
      edges[chosen % edges.length]?.(one.what === 'failing edge');
      return;
    case 'start':
      world.goal = 'started';
      world.ask('start', system.start());
      return;
    case 'stop':
      world.goal = 'stopped';
      world.ask('stop', system.stop());
      return;
    case 'slow':
      world.slowReleases += 1;
      return;
    case 'release':
      for (const resolve of world.pending.splice(0)) resolve();
  }
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

/** Until nothing happens any more: all releases are done, and all waits are over. */
async function comeToRest(world: World): Promise<void> {
  world.slowReleases = 0;
  for (let round = 0; round < 40; round += 1) {
    for (const resolve of world.pending.splice(0)) resolve();
    await microtasks();
    world.host.advance(50);
  }
  await microtasks();
}

/** Whoever is not at rest waits for one above that is not on its way. */
function assertAtRest(world: World, commanded: boolean): void {
  const states = world.states();
  if (!world.ended) expect(states.get('p')).toBe(world.goal);
  for (const [path, state] of states) {
    const above = states.get(path.slice(0, path.lastIndexOf('/')));
    const below = path === 'p' || world.ended || above === undefined;
    if (below) continue;
    const allowed: LifeState[] = running.has(above)
      ? ['started', 'stopped']
      : ['created', 'stopped', 'suspended'];
    if (!allowed.includes(state)) world.violations.push(`${path} is ${state} below ${above}`);
    if (!commanded && running.has(above) && state !== 'started') {
      world.violations.push(`${path} is ${state}, which nobody asked for`);
    }
  }
}

/** Each was handled once, or is a dead letter once, or was skipped, as a supervisor may say. */
function assertAccounted(world: World): void {
  for (const [item, { handled, failed, dead }] of world.accounts) {
    const ends = handled + dead.length;
    if (ends === 1 || (ends === 0 && failed > 0)) continue;
    world.violations.push(
      `${item.way} ${String(item.number)}: ${String(handled)} and ${dead.join()}`,
    );
  }
}

describe('2.9 Faults', () => {
  test('whatever fails, starts, stops, ends and is replaced, in any order: nothing hangs, is lost, doubled or reordered, or runs when it should not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(treeOf(2), { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 50 }),
        async (specs, steps) => {
          const world = new World(specs);
          world.ask('start', world.system.start());
          world.goal = 'started';
          for (const one of steps) {
            if (world.ended) break;
            perform(world, one);
            await Promise.resolve();
          }
          await comeToRest(world);
          assertAtRest(
            world,
            steps.some(({ what }) => what === 'Stop'),
          );
          world.ask('kill', world.system.kill());
          await comeToRest(world);
          assertAccounted(world);

          expect([...world.asked]).toStrictEqual([]);
          expect(world.violations).toStrictEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
