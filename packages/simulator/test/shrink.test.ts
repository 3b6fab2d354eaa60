import {
  churn,
  Simulation,
  constant,
  cut,
  inSequence,
  nodeCrash,
  nodePause,
  operation,
  parsePlanFile,
  pause,
  planFileOf,
  planText,
  raise,
  shrink,
  standard,
  together,
  type Action,
  type InvariantFactory,
  type Outcome,
  type Scenario,
} from '../src';
import { minimized } from '../src/delta-debugging';
import { drawPlan } from '../src/draw-plan';

/** A small one, so that its runs are short. */
const scenario: Scenario = {
  ...standard,
  name: 'small',
  nodes: 3,
  clients: 2,
  during: inSequence(pause(1_000), together(raise(30, operation, constant(10)), faults())),
  afterwards: raise(4, operation, constant(10)),
};

/** Three crashes, among other things. */
function faults() {
  const every = constant(100);
  return together(raise(3, nodeCrash, every), raise(3, cut, every), raise(3, nodePause, every));
}

/** A bug that takes no more than that one of two nodes is dead. */
const planted: InvariantFactory = () => ({
  name: 'T1 toy',
  check: ({ processes }) => {
    const dead = processes.find(({ place, alive }) => ['n1', 'n2'].includes(place) && !alive);
    return dead && `${dead.self} is dead`;
  },
});

const invariants = [planted];
const rest = { kind: 'pause', atMs: 1, place: 'n0', lastsMs: 1 };
const failed = failing();

function failing(): Outcome {
  for (let seed = 1; ; seed += 1) {
    const outcome = new Simulation(scenario, String(seed), { invariants }).run();
    if (outcome.failure?.kind === 'invariant') return outcome;
  }
}

describe('delta debugging', () => {
  test.each([
    [[3], 100],
    [[0, 99], 100],
    [[10, 11, 12, 50, 77], 100],
    [[], 7],
    [[0], 1],
  ])('leaves exactly %j of %i items, which fail together', async (needed, length) => {
    const items = Array.from({ length }, (_, index) => index);
    const fails = (some: readonly number[]) =>
      Promise.resolve(needed.every((item) => some.includes(item)));

    expect(await minimized(items, fails)).toEqual(needed);
  });

  test('leaves out nothing that is needed, even if the need is odd', async () => {
    const fails = (some: readonly number[]) => Promise.resolve(some.length % 2 === 1);

    const left = await minimized([1, 2, 3, 4, 5, 6, 7], fails);

    expect(left).toHaveLength(1);
  });
});

describe('shrinking', () => {
  test('leaves the one action that the failure needs, and nothing that befalls messages', async () => {
    const { outcome, finished } = await shrink(scenario, failed, { invariants });

    expect(finished).toBe(true);
    expect(outcome.failure).toMatchObject({ kind: 'invariant' });
    expect(outcome.plan.actions).toMatchObject([{ kind: 'crash' }]);
    expect(outcome.plan).toMatchObject({
      order: { kind: 'priorities', changes: [] },
      latency: { leastMs: 1, mostMs: 1, stragglers: 0 },
      rates: { loss: 0, duplication: 0, reordering: 0, replay: 0 },
    });
    expect(failed.plan.actions).toContainEqual({
      ...outcome.plan.actions[0],
      atMs: expect.any(Number) as number,
    });
  });

  test('finds the same the second time', async () => {
    const options = { invariants, mostRuns: 12 };

    const first = await shrink(scenario, failed, options);

    expect(await shrink(scenario, failed, options)).toEqual(first);
  });

  test('ends after as many runs as it may take, with the best so far', async () => {
    const told: number[] = [];

    const { runs, finished, outcome } = await shrink(scenario, failed, {
      invariants,
      mostRuns: 3,
      onProgress: ({ runs: done }) => told.push(done),
    });

    expect({ runs, finished, told }).toEqual({ runs: 3, finished: false, told: [1, 2, 3] });
    expect(outcome.plan.actions.length).toBeLessThan(failed.plan.actions.length);
    expect(outcome.failure?.kind).toBe('invariant');
  });

  test('ends when it is told to', async () => {
    const { outcome, runs } = await shrink(scenario, failed, {
      invariants,
      signal: AbortSignal.abort(),
    });

    expect({ runs, outcome }).toEqual({ runs: 0, outcome: failed });
  });

  test('takes no failure of another kind for the one that it began with', async () => {
    const either: InvariantFactory = () => ({
      name: 'T2 another',
      check: ({ processes }) => (processes.every(({ alive }) => alive) ? 'all live' : undefined),
    });

    // Whatever is left out now, all live at first, which is a failure too, and not this one.
    const { outcome } = await shrink(scenario, failed, { invariants: [...invariants, either] });

    expect(outcome).toBe(failed);
  });
});

describe('a plan', () => {
  test('comes back from its file, and its run is the same', () => {
    const { plan, traceHash } = new Simulation(standard, '1').run();

    const file = parsePlanFile(planFileOf({ scenario: 'standard', seed: '1', plan }), 'a file');

    expect(file).toEqual({ scenario: 'standard', seed: '1', plan });
    expect(new Simulation(standard, file.seed, { plan: file.plan }).run().traceHash).toBe(
      traceHash,
    );
  });

  test.each([standard, churn])('of every kind of $name comes back from its file', (scenario) => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const whole = {
        scenario: scenario.name,
        seed: String(seed),
        plan: drawPlan(scenario, String(seed)),
      };
      expect(parsePlanFile(planFileOf(whole), 'a file')).toEqual(whole);
    }
  });

  test.each([
    ['half an object', '{', 'it is no JSON'],
    ['a list', '[]', 'expected object'],
    ['one without a seed', '{"scenario":"standard"}', 'seed: '],
    [
      'a seed in words',
      '{"scenario":"standard","seed":"one","plan":{}}',
      'seed: a seed is a whole number',
    ],
    ['an unknown action', planWith({ kind: 'explosion' }), 'plan.actions.0.kind: '],
    ['a negative time', planWith({ ...rest, lastsMs: -1 }), 'plan.actions.0.lastsMs: '],
    ['an unknown place', planWith({ ...rest, place: 'm0' }), 'a place is n0'],
    ['an unknown field', planWith({ ...rest, for: 2 }), 'plan.actions.0'],
  ])('file that holds %s is refused, and it says what is wrong', (_what, text, flaw) => {
    expect(() => parsePlanFile(text, 'bad.json')).toThrow(/^bad\.json is no plan of a run: /);
    expect(() => parsePlanFile(text, 'bad.json')).toThrow(flaw);
  });

  test('has a line for every kind of action', () => {
    const lasting = { atMs: 1_500.25, lastsMs: 200 };
    const directions = [
      ['n0', 'n1'],
      ['n1', 'n0'],
    ] as const;
    const actions: readonly Action[] = [
      { kind: 'operation', atMs: 1, client: 'c0', operation: 'put', key: 'a', value: 'v1' },
      { kind: 'operation', atMs: 1, client: 'c1', operation: 'get', key: 'b' },
      { kind: 'crash', atMs: 1, place: 'n1', afterEvents: 3, restartMs: null, identity: 'new' },
      { kind: 'crash', atMs: 1, place: 'n1', afterEvents: 0, restartMs: 40, identity: 'new' },
      { kind: 'pause', ...lasting, place: 'n2' },
      { kind: 'slowness', ...lasting, place: 'n2', eventMs: 2 },
      { kind: 'clock', ...lasting, place: 'n2', aheadMs: 10, rate: 0.5 },
      { kind: 'cut', ...lasting, shape: 'partial', directions, messages: 'lost' },
      { kind: 'clog', ...lasting, directions },
      { kind: 'slow link', ...lasting, directions, extraMs: 7 },
      { kind: 'wrong suspicion', ...lasting, directions },
      { kind: 'stranger', ...lasting, place: 'x0' },
      {
        kind: 'operation',
        atMs: 2,
        client: 'c1',
        operation: 'set if absent',
        key: 'b',
        value: 'v2',
      },
      { kind: 'join', atMs: 2, place: 'y0' },
      { kind: 'leave', atMs: 2, place: 'n0' },
      { kind: 'replace', atMs: 2, place: 'n0', by: 'y1' },
      { kind: 'refresh', atMs: 2, slots: [1, 3] },
    ];
    const { plan } = new Simulation(standard, '1').run();

    const lines = planText({ ...plan, actions }).slice(3);

    expect(lines.map((line) => line.trim())).toEqual([
      '1 ms  c0 puts a = v1',
      '1 ms  c1 gets b',
      '1 ms  n1 dies 3 events later',
      '1 ms  n1 dies, and 40 ms after that another process begins there',
      '1500.25 ms  n2 stands still for 200 ms',
      '1500.25 ms  every event takes n2 2 ms, for 200 ms',
      '1500.25 ms  the clock of n2 jumps 10 ms ahead, and runs at 0.5 times its rate for 200 ms',
      '1500.25 ms  cut (partial), and what is sent is lost, for 200 ms: n0 to n1, n1 to n0',
      '1500.25 ms  held up for 200 ms: n0 to n1, n1 to n0',
      '1500.25 ms  slower by 7 ms for 200 ms: n0 to n1, n1 to n0',
      '1500.25 ms  no heartbeats for 200 ms: n0 to n1, n1 to n0',
      '1500.25 ms  a node of another cluster is at x0 for 200 ms',
      '2 ms  c1 sets b if absent = v2',
      '2 ms  a further node begins at y0, for good',
      '2 ms  an operator asks n0 to leave',
      '2 ms  an operator has y1 replace n0',
      '2 ms  an operator refreshes the slots 1, 3',
    ]);
  });
});

function planWith(action: object): string {
  const plan = { ...drawPlan(standard, '1'), actions: [action] };
  return JSON.stringify({ scenario: 'standard', seed: '1', plan });
}
