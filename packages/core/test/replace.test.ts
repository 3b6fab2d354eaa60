import {
  Component,
  Kill,
  KilledError,
  ReplacementError,
  Start,
  Stop,
  System,
  UnconnectedPortError,
  VirtualHost,
  event,
  portType,
  type Context,
  type DeadLetter,
  type Fairness,
  type LifeState,
  type Replaceable,
  type RequiredPort,
  type Supervision,
} from '@jbstore/core';
import fc from 'fast-check';

import { VirtualSystem } from './virtual-system';

class Add extends event('Add') {
  constructor(
    readonly client: number,
    readonly number: number,
  ) {
    super();
  }
}
class Added extends event('Added') {
  constructor(
    readonly client: number,
    readonly number: number,
    readonly sum: number,
  ) {
    super();
  }
}
const Sum = portType('Sum', { requests: [Add], indications: [Added] });
class Note extends event('Note') {}
const Notes = portType('Notes', { requests: [Note], indications: [] });

/** Adds up, answers, and hands the sum over. Fails at negative numbers. */
class Adder extends Component implements Replaceable<number> {
  readonly sum = this.provides(Sum);
  #total: number;

  constructor(
    readonly context: Context,
    readonly lives: string[],
    total = 0,
    script: (self: Adder) => void = () => undefined,
  ) {
    super(context);
    this.#total = total;
    this.control.upon(Start, ({ type }) => lives.push(type));
    this.control.upon(Stop, ({ type }) => lives.push(type));
    this.control.upon(Kill, ({ type }) => lives.push(type));
    this.sum.upon(Add, ({ client, number }) => {
      if (number < 0) throw new Error('negative');
      this.#total += number;
      this.sum.next(new Added(client, number, this.#total));
    });
    script(this);
  }

  handOver(): number {
    return this.#total;
  }

  child(lives: string[], script?: (self: Adder) => void): Adder {
    return this.create(Adder, lives, 0, script);
  }

  exchange(child: Adder, lives: string[]): void {
    this.replace(child, DoubleAdder, (total) => [lives, total]);
  }
}

/** Counts the additions too, and writes them down where somebody takes notes. */
class DoubleAdder extends Adder {
  readonly notes = this.provides(Notes);
}

class NotingAdder extends Adder {
  readonly notes = this.requires(Notes);

  constructor(context: Context, lives: string[], total = 0) {
    super(context, lives, total);
    this.sum.upon(Add, () => this.notes.next(new Note()));
  }
}

class Notebook extends Component {
  readonly notes = this.provides(Notes);
  count = 0;

  constructor(context: Context) {
    super(context);
    this.notes.upon(Note, () => (this.count += 1));
  }
}

function setUp(
  supervision?: Supervision,
  fairness: Partial<Fairness> = {},
): {
  host: VirtualHost;
  system: System;
  adder: Adder;
  lives: string[];
  sum: RequiredPort<typeof Sum>;
  sums: number[];
  letters: DeadLetter[];
  settle: () => void;
  state: () => LifeState | undefined;
} {
  const { host, system, letters, settle, states } = new VirtualSystem({
    fairness,
    onFault: () => undefined,
  });
  const lives: string[] = [];
  const adder = system.createWith({ ...(supervision && { supervision }) }, Adder, lives);
  const sum = system.clientOf(adder.sum);
  const sums: number[] = [];
  sum.upon(Added, (added) => sums.push(added.sum));
  const state = (): LifeState | undefined => states()['p/Adder'];
  return { host, system, adder, lives, sum, sums, letters, settle, state };
}

function add(sum: RequiredPort<typeof Sum>, ...numbers: number[]): void {
  for (const number of numbers) sum.next(new Add(0, number));
}

describe('2.7 Replace', () => {
  test('the old one handles what had arrived and hands its state over; the new one takes its place', async () => {
    const { system, adder, lives, sum, sums, letters, settle, state } = setUp();
    void system.start();
    settle();

    add(sum, 1, 2);
    const replaced = system.replace(adder, DoubleAdder, (total) => [lives, total * 100]);
    add(sum, 3);
    settle();
    add(sum, 4);
    settle();

    const successor = await replaced;
    expect(successor).toBeInstanceOf(DoubleAdder);
    expect(successor.sum).toBe(adder.sum);
    expect(sums.slice(-1)).toStrictEqual([604]);
    expect(lives).toStrictEqual(['Start', 'Stop', 'Kill', 'Start']);
    expect(letters).toStrictEqual([]);
    expect(state()).toBe('started');
    const { type } = system.graph().components.find(({ path }) => path === 'p/Adder') ?? {};
    expect(type).toBe('DoubleAdder');
  });

  test('under load, several times in a row, in a pipeline and with children: nothing is lost, doubled or reordered', async () => {
    /** Hands everything on in both directions, and holds children that live and end with it. */
    class Stage extends Component implements Replaceable<number> {
      readonly above = this.provides(Sum);
      readonly below = this.requires(Sum);
      #passed: number;

      constructor(context: Context, passed: number) {
        super(context);
        this.#passed = passed;
        this.create(Notebook);
        this.above.upon(Add, (one) => {
          this.#passed += 1;
          this.below.next(one);
        });
        this.below.upon(Added, (one) => {
          this.#passed += 1;
          this.above.next(one);
        });
      }

      handOver(): number {
        return this.#passed;
      }
    }
    class OtherStage extends Stage {
      readonly notes = this.provides(Notes);
    }
    const step = fc.oneof(
      {
        arbitrary: fc.record({ client: fc.nat(2), burst: fc.integer({ min: 1, max: 12 }) }),
        weight: 4,
      },
      { arbitrary: fc.constantFrom('replace first', 'replace second', 'replace adder'), weight: 2 },
      { arbitrary: fc.constantFrom('turn', 'settle'), weight: 3 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const host = new VirtualHost();
        const fairness = { batchEvents: 3, sliceEvents: 7 };
        const system = new System('p', { host, fairness });
        const lives: string[] = [];
        let first: Stage = system.create(Stage, 0);
        let second: Stage = system.create(Stage, 0);
        let adder: Adder = system.create(Adder, lives);
        second.above.connect(first.below);
        adder.sum.connect(second.below);
        const letters: DeadLetter[] = [];
        system.deadLetters.subscribe((letter) => letters.push(letter));
        const answers: Added[] = [];
        const clients = [0, 1, 2].map((client) => {
          const port = system.clientOf(first.above);
          port.upon(Added, (added) => {
            if (added.client === client) answers.push(added);
          });
          return port;
        });
        const sent = [0, 0, 0];
        const replacements: Promise<unknown>[] = [];
        const refused: unknown[] = [];
        const attempt = <C>(replaced: Promise<C>, keep: (component: C) => void): void => {
          replacements.push(
            replaced.then(keep, (error: unknown) => {
              // One is under way already.
              expect(error).toBeInstanceOf(ReplacementError);
              refused.push(error);
            }),
          );
        };

        void system.start();
        for (const one of steps) {
          if (typeof one === 'object') {
            for (let count = 0; count < one.burst; count += 1) {
              const number = (sent[one.client] = (sent[one.client] ?? 0) + 1);
              clients[one.client]?.next(new Add(one.client, number));
            }
          } else if (one === 'turn') host.step();
          else if (one === 'settle') host.advance(0);
          else if (one === 'replace adder') {
            const Type = adder instanceof DoubleAdder ? Adder : DoubleAdder;
            attempt(
              system.replace(adder, Type, (total) => [lives, total]),
              (next) => (adder = next),
            );
          } else {
            const old = one === 'replace first' ? first : second;
            const Type = old instanceof OtherStage ? Stage : OtherStage;
            attempt(
              system.replace(old, Type, (passed) => [passed]),
              (next) => {
                if (one === 'replace first') first = next;
                else second = next;
              },
            );
          }
          await Promise.resolve();
        }
        host.advance(0);
        await Promise.all(replacements);
        host.advance(0);

        expect(letters).toStrictEqual([]);
        const total = sent.reduce((sum, count) => sum + count, 0);
        for (const client of [0, 1, 2]) {
          const numbers = answers.filter((one) => one.client === client).map((one) => one.number);
          expect(numbers).toStrictEqual(Array.from({ length: sent[client] ?? 0 }, (_, i) => i + 1));
        }
        // The state went from hand to hand: each stage passed everything twice, the adder added it all.
        expect([first.handOver(), second.handOver()]).toStrictEqual([2 * total, 2 * total]);
        expect(adder.handOver()).toBe(answers.reduce((sum, { number }) => sum + number, 0));
        expect(Math.max(0, ...answers.map(({ sum }) => sum))).toBe(adder.handOver());
        const notebooks = system.graph().components.filter(({ type }) => type === 'Notebook');
        expect(notebooks.map(({ state }) => state)).toStrictEqual(['started', 'started']);
        await system.kill();
      }),
      { numRuns: 100 },
    );
  });

  test('its children stop and end with the old one', () => {
    const { system, lives, settle } = setUp();
    const parent = system.create(Adder, lives, 0, (self) => {
      self.child(lives);
      self.child(lives);
    });
    void system.start();
    settle();
    lives.length = 0;

    void system.replace(parent, Adder, [[]]);
    settle();

    expect(lives).toStrictEqual(['Stop', 'Stop', 'Stop', 'Kill', 'Kill', 'Kill']);
    const paths = system.graph().components.map(({ path }) => path);
    expect(paths).toStrictEqual(['p', 'p/Adder', 'p/outside', 'p/Adder-2']);
  });

  describe('whatever it did before', () => {
    test('created: the new one starts with the others', async () => {
      const { system, adder, lives, sum, sums, settle, state } = setUp();

      add(sum, 1);
      const replaced = system.replace(adder, DoubleAdder, (total) => [lives, total]);
      settle();
      await replaced;
      expect(state()).toBe('created');
      void system.start();
      settle();

      expect(sums).toStrictEqual([1]);
      expect(lives).toStrictEqual(['Kill', 'Start']);
    });

    test('stopped: so is the new one', async () => {
      const { system, adder, lives, sum, sums, settle, state } = setUp();
      void system.start();
      void system.stop();
      settle();

      add(sum, 1);
      const replaced = system.replace(adder, DoubleAdder, (total) => [lives, total]);
      settle();
      await replaced;
      expect(state()).toBe('stopped');
      void system.start();
      settle();

      expect(sums).toStrictEqual([1]);
      expect(lives).toStrictEqual(['Start', 'Stop', 'Kill', 'Start']);
    });

    test('starting: it starts, stops, and the new one starts', async () => {
      const { system, adder, lives, settle } = setUp();

      const started = system.start();
      const replaced = system.replace(adder, DoubleAdder, [lives]);
      settle();

      await Promise.all([started, replaced]);
      expect(lives).toStrictEqual(['Start', 'Stop', 'Kill', 'Start']);
    });

    test('starting still, as one below it is: the same', async () => {
      const { system, lives, settle } = setUp(undefined, { sliceEvents: 1 });
      const parent = system.create(Adder, lives, 0, (self) => void self.child(lives));

      const started = system.start();
      const replaced = system.replace(parent, DoubleAdder, [lives]);
      settle();

      await Promise.all([started, replaced]);
      const graph = system.graph().components.map(({ type, state }) => [type, state]);
      expect(graph).toContainEqual(['DoubleAdder', 'started']);
    });

    test('suspended, since it failed: the new one goes on with what waits, and it need not wait', async () => {
      const backoff = { firstMs: 1_000, factor: 1, longestMs: 1_000 };
      const world = setUp({ decide: 'restart', backoff });
      const { host, system, adder, lives, sum, sums, letters, settle, state } = world;
      void system.start();
      settle();
      add(sum, 1, -1, 2);
      settle();
      expect(state()).toBe('suspended');

      const replaced = system.replace(adder, DoubleAdder, (total) => [lives, total]);
      settle();

      await replaced;
      expect(sums).toStrictEqual([1, 3]);
      expect(letters.map(({ reason }) => reason)).toStrictEqual(['faulted']);
      expect(host.nextMs).toBeUndefined();
    });

    test.each([1, 1_000])(
      'it fails while it handles what had arrived: that is healed too (%i events in a slice)',
      async (sliceEvents) => {
        const world = setUp({ decide: 'escalate' }, { sliceEvents });
        const { system, adder, lives, sum, sums, letters, settle, state } = world;
        void system.start();
        settle();

        add(sum, 1, -1, 2);
        const replaced = system.replace(adder, DoubleAdder, (total) => [lives, total]);
        settle();

        await replaced;
        expect(state()).toBe('started');
        expect(sums).toStrictEqual([1, 3]);
        expect(letters.map(({ reason }) => reason)).toStrictEqual(['faulted']);
      },
    );

    test('killed, or killed meanwhile: that is an error', async () => {
      const { system, adder, lives, settle } = setUp();
      void system.start();
      settle();

      const replaced = system.replace(adder, DoubleAdder, [lives]);
      system.clientOf(adder.control).next(new Kill());
      settle();

      await expect(replaced).rejects.toThrow(KilledError);
      await expect(system.replace(adder, DoubleAdder, [lives])).rejects.toThrow(KilledError);
    });

    test('the system stops meanwhile: it is not held up, and the new one rests', async () => {
      const { system, adder, lives, settle, state } = setUp();
      void system.start();
      settle();

      const replaced = system.replace(adder, DoubleAdder, [lives]);
      const stopped = system.stop();
      settle();

      await Promise.all([replaced, stopped]);
      expect(state()).toBe('stopped');
      expect(lives).toStrictEqual(['Start', 'Stop', 'Kill']);
    });

    test('the system stops while the releases of the old one take time: it is not held up', async () => {
      const { system, lives, settle } = setUp();
      let release: () => void = () => undefined;
      const slow = system.create(Adder, lives, 0, ({ context }) => {
        context.onRelease(() => new Promise<void>((resolve) => (release = resolve)));
      });
      void system.start();
      settle();

      const replaced = system.replace(slow, DoubleAdder, [lives]);
      settle();
      const stopped = system.stop();
      settle();
      await stopped;
      release();
      await new Promise(setImmediate);
      settle();

      expect(await replaced).toBeInstanceOf(DoubleAdder);
      const graph = system.graph().components.map(({ type, state }) => [type, state]);
      expect(graph).toContainEqual(['DoubleAdder', 'stopped']);
    });

    test('one above it fails meanwhile: it is replaced when that goes on', async () => {
      const { system, lives, settle } = setUp();
      const supervision: Supervision = { decide: 'resume' };
      const children: Adder[] = [];
      const parent = system.createWith({ supervision }, Adder, lives, 0, (self) => {
        children.push(self.child(lives));
      });
      const [child] = children;
      if (!child) throw new Error('no child');
      void system.start();
      settle();

      const replaced = system.replace(child, DoubleAdder, [lives]);
      parent.context.fault(new Error('boo'));
      settle();

      expect(await replaced).toBeInstanceOf(DoubleAdder);
      const states = system.graph().components.map(({ state }) => state);
      expect(new Set(states)).toStrictEqual(new Set(['started']));
    });
  });

  describe('ports', () => {
    test('a further port that is required is connected before the new one starts', async () => {
      const { system, adder, lives, sum, settle } = setUp();
      const notebook = system.create(Notebook);
      void system.start();
      settle();

      const replaced = system.replace(
        adder,
        NotingAdder,
        (total) => [lives, total],
        ({ notes }) => void notebook.notes.connect(notes),
      );
      add(sum, 1, 2);
      settle();

      await replaced;
      // The first two had arrived for the old one.
      expect(notebook.count).toBe(0);
      add(sum, 3);
      settle();
      expect(notebook.count).toBe(1);
    });

    test('a further port that nobody connected is a fault, by name', async () => {
      const { system, adder, lives, settle } = setUp();
      void system.start();
      settle();

      const replaced = system.replace(adder, NotingAdder, [lives]);
      const outcome = replaced.catch((error: unknown) => error);
      settle();

      expect(await outcome).toMatchObject({
        component: 'p/Adder',
        cause: new UnconnectedPortError('p/Adder', 'Notes (notes)'),
      });
      await expect(system.terminated).rejects.toMatchObject({ component: 'p/Adder' });
    });

    test('a port that the new one does not have is closed, and what waits there is a dead letter', async () => {
      const { system, lives, letters, settle } = setUp();
      const double = system.create(DoubleAdder, lives);
      const notes = system.clientOf(double.notes);
      const ends: string[] = [];
      double.notes.subscribe({ complete: () => ends.push('complete') });

      notes.next(new Note());
      const replaced = system.replace(double, Adder, [lives]);
      settle();
      await replaced;
      void system.start();
      settle();
      notes.next(new Note());

      expect(ends).toStrictEqual(['complete']);
      expect(notes.connected).toBe(false);
      expect(letters.map(({ reason }) => reason)).toStrictEqual(['unhandled', 'unconnected']);
    });
  });

  describe('faults', () => {
    test.each(['handOver', 'init', 'constructor', 'Start'])(
      'a throw in %s is a fault of the component, and rejects; its supervisor goes on from there',
      async (where) => {
        const { system, adder, lives, sum, sums, settle, state } = setUp({ decide: 'restart' });
        let thrown = 0;
        const fail = (place: string): void => {
          if (place === where && thrown++ === 0) throw new Error(`in ${where}`);
        };
        adder.handOver = () => {
          fail('handOver');
          return 10;
        };
        class Failing extends Adder {
          constructor(context: Context) {
            super(context, lives, 10);
            fail('constructor');
            this.control.upon(Start, () => fail('Start'));
          }
        }
        void system.start();
        settle();

        const replaced = system.replace(adder, Failing, () => {
          fail('init');
          return [];
        });
        const outcome = replaced.catch((error: unknown) => error);
        settle();
        add(sum, 1);
        settle();

        expect(await outcome).toMatchObject({
          ...{ code: 'ERR_COMPONENT_FAULT', component: 'p/Adder' },
          cause: { message: `in ${where}` },
        });
        expect(state()).toBe('started');
        // Before its hand-over the old one is restarted, after it the new one is.
        expect(sums).toStrictEqual([where === 'handOver' || where === 'init' ? 1 : 11]);
      },
    );

    test('a further port that was connected stays so when the new one fails and is made again', async () => {
      const { system, adder, lives, sum, settle, state } = setUp({ decide: 'restart' });
      const notebook = system.create(Notebook);
      let made = 0;
      class Second extends NotingAdder {
        constructor(context: Context) {
          super(context, lives);
          made += 1;
          if (made === 1) throw new Error('not yet');
        }
      }
      void system.start();
      settle();

      const replaced = system.replace(adder, Second, [], ({ notes }) => {
        notebook.notes.connect(notes);
      });
      const outcome = replaced.catch((error: unknown) => error);
      settle();
      add(sum, 1);
      settle();

      expect(await outcome).toMatchObject({ cause: new Error('not yet') });
      expect(state()).toBe('started');
      expect(notebook.count).toBe(1);
    });
  });

  describe('what is refused', () => {
    test('a second replacement while one is under way, and a component that was replaced', async () => {
      const { system, adder, lives, settle } = setUp();
      void system.start();
      settle();

      const replaced = system.replace(adder, DoubleAdder, [lives]);
      await expect(system.replace(adder, DoubleAdder, [lives])).rejects.toThrow(
        'p/Adder cannot be replaced: that is under way: wait until it is done',
      );
      settle();
      const successor = await replaced;
      await expect(system.replace(adder, Adder, [lives])).rejects.toThrow(ReplacementError);
      const again = system.replace(successor, Adder, [lives]);
      settle();

      expect(await again).toBeInstanceOf(Adder);
    });

    test('a component of another system, or of another parent', async () => {
      const { system, adder, lives } = setUp();
      const other = setUp();
      const parent = system.create(Adder, lives);

      await expect(other.system.replace(adder, Adder, [lives])).rejects.toThrow('another system');
      expect(() => parent.exchange(adder, lives)).toThrow('the component that created it');
    });
  });

  test('an assembly replaces a child of its own', () => {
    const { system, lives, settle, state } = setUp();
    const children: Adder[] = [];
    const parent = system.create(Adder, lives, 0, (self) => {
      const child = self.child(lives);
      children.push(child);
      self.sum.upon(Add, () => self.exchange(child, lives));
    });
    const [child] = children;
    if (!child) throw new Error('no child');
    const sums: number[] = [];
    const below = system.clientOf(child.sum);
    below.upon(Added, ({ sum }) => sums.push(sum));
    void system.start();
    settle();

    add(below, 1);
    add(system.clientOf(parent.sum), 1);
    settle();
    add(below, 2);
    settle();

    expect(sums).toStrictEqual([1, 3]);
    expect(state()).toBe('started');
    const graph = system.graph().components.map(({ path, type }) => [path, type]);
    expect(graph).toContainEqual(['p/Adder-2/Adder', 'DoubleAdder']);
  });
});
