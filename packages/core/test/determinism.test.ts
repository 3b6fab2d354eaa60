import {
  Component,
  Key,
  LivelockError,
  Queue,
  Start,
  System,
  VirtualHost,
  event,
  portType,
  type Context,
  type Random,
  type Supervision,
} from '@jbstore/core';
import fc from 'fast-check';

class Token extends event('Token') {
  constructor(readonly value: number) {
    super();
  }
}
const Pass = portType('Pass', { requests: [], indications: [Token] });

/** Passes a token on, changed by chance and delayed by chance. */
class Passer extends Component {
  readonly out = this.provides(Pass);
  readonly in = this.requires(Pass);

  constructor(context: Context, trace: string[]) {
    super(context);
    const random = context.random('tokens');
    const pass = context.edge(() => {
      this.out.next(new Token(random.int(1_000)));
    });
    this.control.upon(Start, pass);
    this.in.upon(Token, ({ value }) => {
      trace.push(`${String(context.host.now())} ${context.path} ${String(value)}`);
      context.host.after(random.int(5), pass);
    });
  }
}

function run(seed: string, size: number): string[] {
  const host = new VirtualHost();
  const system = new System('p', { seed, host, fairness: { batchEvents: 3 } });
  const trace: string[] = [];
  const passers = Array.from({ length: size }, () => system.create(Passer, trace));
  passers.forEach(({ out }, index) => {
    for (const step of [1, 2]) {
      const next = passers[(index + step) % size];
      if (next && !next.in.connected) out.connect(next.in);
    }
  });
  void system.start();
  host.advance(50);
  return trace;
}

const byParity = new Key(Token, ({ value }) => value % 2);

/** As {@link Passer}, but chance lets it fail as well. */
class Faulty extends Passer {
  constructor(context: Context) {
    super(context, []);
    const random = context.random('faults');
    this.in.upon(Token, () => {
      if (random.int(5) === 0) throw new Error('by chance');
    });
  }
}

/**
 * A ring of components that are made anew when they fail, with channels that select, one that is held
 * for a while, and one component that is replaced meanwhile. Returns the trace, and what happened.
 */
function eventfulRun(seed: string) {
  const host = new VirtualHost();
  const system = new System('p', { seed, host, fairness: { batchEvents: 3 } });
  const trace: string[] = [];
  system.trace.subscribe(({ id, cause, event: { type }, port, arrivedMs, atMs }) => {
    const by = cause === undefined ? '' : ` by ${String(cause)}`;
    trace.push(`${String(id)}${by}: ${type} at ${port}, ${String(arrivedMs)}, ${String(atMs)}`);
  });
  const supervision: Supervision = {
    decide: 'restart',
    event: 'retry',
    budget: { faults: 100, withinMs: 10 },
    backoff: { firstMs: 1, factor: 2, longestMs: 4 },
  };
  const create = (): Faulty => system.createWith({ supervision }, Faulty);
  const [first, second, third] = [create(), create(), create()];
  const [channel] = first.out.connect(second.in);
  second.out.connectBy(third.in, { indications: ({ value }) => value % 10 > 0 });
  third.out.connect(first.in);
  for (const parity of [0, 1]) {
    const far = create();
    third.out.connectBy(far.in, { indications: byParity.is(parity) });
  }
  let [restarts, held, replaced] = [0, 0, 0];
  system.faults.subscribe(() => (restarts += 1));
  void system.start();
  host.advance(20);
  channel?.hold();
  void system.replace(second, Faulty, [], () => (replaced += 1));
  host.advance(20);
  held = channel?.held?.indications ?? 0;
  channel?.resume();
  host.advance(60);
  return { trace, restarts, held, replaced };
}

describe('2.13 Determinism', () => {
  test('also with restarts, selectors, a held channel and a replacement: the same trace', () => {
    const run = eventfulRun('seed 1');

    expect(run.trace.length).toBeGreaterThan(100);
    expect(Math.min(run.restarts, run.held, run.replaced)).toBeGreaterThan(0);
    expect(eventfulRun('seed 1')).toStrictEqual(run);
    expect(eventfulRun('seed 2').trace).not.toStrictEqual(run.trace);
  });

  test('same seed and inputs, same run; another seed, another run', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 3, max: 10 }), (seed, size) => {
        const trace = run(seed, size);

        expect(trace.length).toBeGreaterThan(0);
        expect(run(seed, size)).toStrictEqual(trace);
        expect(run(`${seed}'`, size)).not.toStrictEqual(trace);
      }),
      { numRuns: 10 },
    );
  });

  /** The stream of the component at `system/name` for `purpose`. */
  function stream(seed: string, system: string, purpose: string): Random {
    let random: Random | undefined;
    class Chancy extends Component {
      constructor(context: Context) {
        super(context);
        random = context.random(purpose);
      }
    }
    new System(system, { seed }).create(Chancy);
    if (!random) throw new Error('the component was not made');
    return random;
  }

  test('there is one stream of chance per component and purpose, split from the seed', () => {
    const draw = (...origin: [string, string, string]): string => stream(...origin).hex(16);

    const draws = [
      draw('s', 'p', 'a'),
      draw('s', 'p', 'b'),
      draw('s', 'q', 'a'),
      draw('t', 'p', 'a'),
      draw('s p', 'q', 'a'),
      draw('s', 'p q', 'a'),
    ];
    expect(new Set(draws).size).toBe(draws.length);
    expect(draw('s', 'p', 'a')).toBe(draws[0]);
    expect(stream('s', 'p', 'a').hex(16)).toMatch(/^[0-9a-f]{32}$/);
  });

  test('chance is in its range, to the ends, and a shuffle keeps every item', () => {
    const random = stream('s', 'p', 'a');
    const rolls = Array.from({ length: 1_000 }, () => random.int(6));

    expect([...new Set(rolls)].sort()).toStrictEqual([0, 1, 2, 3, 4, 5]);
    expect(random.int(1)).toBe(0);
    expect(random.int(2 ** 53)).toBeLessThan(2 ** 53);
    expect(random.shuffle([1, 2, 3, 4]).sort()).toStrictEqual([1, 2, 3, 4]);
    expect(random.pick(['only'])).toBe('only');
    for (let index = 0; index < 100; index += 1) {
      expect(random.float()).toBeLessThan(1);
      expect(Number.isInteger(random.bits32()) && random.bits32() >= 0).toBe(true);
    }
    expect(() => random.int(0)).toThrow('the end of a range');
    expect(() => random.pick([])).toThrow('something to pick from');
  });

  /** Bursts of tokens to three components, which also pass them on; who was given what, and in which order. */
  function orderOf(bursts: readonly number[], nextTurn?: (ready: number) => number) {
    const host = new VirtualHost();
    const fairness = { batchEvents: 2, sliceEvents: 5 };
    const system = new System('p', { host, fairness, ...(nextTurn && { nextTurn }) });
    const received: [string, number][] = [];
    class Sink extends Component {
      readonly in = this.requires(Pass);
      readonly further = this.requires(Pass);
      readonly out = this.provides(Pass);
      constructor(context: Context) {
        super(context);
        this.in.upon(Token, ({ value }) => {
          received.push([`${context.path} in`, value]);
          this.out.next(new Token(value));
        });
        this.further.upon(Token, ({ value }) => received.push([`${context.path} further`, value]));
      }
    }
    const sinks = [system.create(Sink), system.create(Sink), system.create(Sink)];
    const [first] = sinks;
    if (!first) throw new Error('there are sinks');
    const source = system.providerOf(first.in);
    for (const sink of sinks.slice(1)) source.connect(sink.in);
    for (const sink of sinks) for (const other of sinks) sink.out.connect(other.further);
    void system.start();
    host.advance(0);
    let sent = 0;
    for (const burst of bursts) {
      for (let index = 0; index < burst; index += 1) source.next(new Token(sent++));
      if (burst % 3 > 0) host.step();
      system.graph(); // Has events that wait go back to their components.
    }
    host.advance(0);
    return { received, sent };
  }

  test('who chooses the turns permutes components, and each gets all, in order, at each port', () => {
    const chance = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), chance, (bursts, numbers) => {
        const { received, sent } = orderOf(bursts, (ready) => (numbers.next().value ?? 0) % ready);

        for (const path of ['p/Sink', 'p/Sink-2', 'p/Sink-3']) {
          const valuesAt = (port: string): number[] =>
            received.filter(([at]) => at === `${path} ${port}`).map(([, value]) => value);
          const all = Array.from({ length: sent }, (_, index) => index);
          expect(valuesAt('in')).toStrictEqual(all);
          expect(valuesAt('further').sort((one, other) => one - other)).toStrictEqual(
            all.flatMap((value) => [value, value, value]),
          );
        }
      }),
    );
  });

  test('another choice of turns is another order; what is not due cannot be chosen', () => {
    const last = (ready: number): number => ready - 1;

    expect(orderOf([4, 1, 5], last).received).not.toStrictEqual(orderOf([4, 1, 5]).received);
    expect(orderOf([4, 1, 5], last)).toStrictEqual(orderOf([4, 1, 5], last));
    expect(orderOf([3], last).received[0]).toStrictEqual(['p/Sink-3 in', 0]);
    expect(() => orderOf([1], (ready) => ready)).toThrow('a turn that is due is chosen');
  });

  test('virtual time runs tasks in order of time, then of making, and never those that were cancelled', () => {
    const task = fc.record({ delayMs: fc.nat(20), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(task, { maxLength: 60 }), (tasks) => {
        const host = new VirtualHost();
        const ran: number[] = [];
        tasks.forEach(({ delayMs, cancelled }, index) => {
          const cancel = host.after(delayMs, () => {
            expect(host.now()).toBe(delayMs);
            ran.push(index);
          });
          if (cancelled) cancel();
        });

        host.advance(20);

        const expected = tasks
          .map((entry, index) => ({ ...entry, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((one, other) => one.delayMs - other.delayMs || one.index - other.index);
        expect(ran).toStrictEqual(expected.map(({ index }) => index));
        expect(host.nextMs).toBeUndefined();
      }),
    );
  });

  test('tasks that let no time pass are a livelock, not a hang', () => {
    const host = new VirtualHost();
    const again = (): void => host.soon(again);
    again();

    expect(() => host.advance(1, 1_000)).toThrow(LivelockError);
  });
});

describe('2.1 Atomic handlers, queues', () => {
  test('a queue is first in, first out, through every growth and wrap', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('shift'))), (commands) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        for (const command of commands) {
          if (typeof command === 'number') {
            queue.push(command);
            model.push(command);
          } else {
            expect(queue.shift()).toBe(model.shift());
          }
          expect(queue.length).toBe(model.length);
        }
      }),
    );
  });

  test('a look at the graph neither loses nor moves an event, however many wait', () => {
    for (let waiting = 1; waiting <= 40; waiting += 1) {
      const host = new VirtualHost();
      const system = new System('p', { host });
      const values: number[] = [];
      const passer = system.create(Passer, []);
      const source = system.providerOf(passer.in);
      passer.in.upon(Token, ({ value }) => values.push(value));
      void system.start();
      host.advance(0);

      const sent = Array.from({ length: waiting }, (_, index) => index);
      for (const value of sent) source.next(new Token(value));
      const { components } = system.graph();
      host.advance(0);

      expect(components.find(({ path }) => path === 'p/Passer')?.queuedEvents).toBe(waiting);
      expect(values).toStrictEqual(sent);
    }
  });

  test('a mailbox too: bursts of any length arrive once, in order', () => {
    class Sink extends Component {
      readonly in = this.requires(Pass);
      constructor(context: Context, received: number[]) {
        super(context);
        this.in.upon(Token, ({ value }) => received.push(value));
      }
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 })), (bursts) => {
        const host = new VirtualHost();
        const system = new System('p', { host, fairness: { batchEvents: 3, sliceEvents: 7 } });
        const received: number[] = [];
        const source = system.providerOf(system.create(Sink, received).in);
        void system.start();
        host.advance(0);
        let sent = 0;
        for (const burst of bursts) {
          for (let index = 0; index < burst; index += 1) source.next(new Token(sent++));
          if (burst % 3 > 0) host.step();
        }
        host.advance(0);

        expect(received).toStrictEqual(Array.from({ length: sent }, (_, index) => index));
      }),
    );
  });
});
