import { positionOf } from '@jbstore/gms/port';
import { MutatedReply, type GlancedMessage, type ValueReply } from '@jbstore/store/port';

import {
  Simulation,
  calm,
  churn,
  changeOperation,
  constant,
  countOf,
  exponential,
  getOf,
  inSequence,
  pause,
  raise,
  together,
  type Action,
  type CrashAction,
  type Direction,
  type ForceAction,
  type MessageRates,
  type Outcome,
  type Scenario,
  type OperationAction,
  type Raising,
  type Draw,
} from '../src';
import { ScenarioLog, type Letter, type Mutation } from './scenario-log';
import { keyOf, preparations, proposals, refusals } from './scenario-rounds';

const keys = ['a', 'b', 'c', 'd'];
const counters = ['i', 'j'];

/** Clients ask for everything for ten seconds, and look at all when it is over. */
const load: Scenario = {
  ...churn,
  weather: calm,
  keys: [...keys, ...counters],
  during: inSequence(
    pause(800),
    together(
      raise(60, changeOperation(keys), exponential(150)),
      raise(40, countOf(counters), exponential(220)),
      pause(9_000),
    ),
  ),
  afterwards: inSequence(
    pause(500),
    ...[...keys, ...counters].map((key) => raise(1, getOf('c0', key), constant(5))),
  ),
  patienceMs: 60_000,
};

interface Script {
  readonly name: string;
  readonly actions: readonly Action[];
  readonly scenario?: Partial<Scenario>;
  /** What befalls messages, for certain. */
  readonly rates?: Partial<MessageRates>;
  /** How many requests may end without their outcome. Default: none. */
  readonly mostUnknown?: number;
  /** How long clients wait for one. */
  readonly timeoutMs?: number;
  /** What it shows besides: that it was gone through, and what the design promises there. */
  readonly shows?: (log: ScenarioLog, outcome: Outcome) => void;
}

/** What is asked for by `load`, and what the script says. */
function perform(
  { actions, scenario, rates, timeoutMs = 10_000 }: Script,
  seed: string,
  observer = new ScenarioLog(),
): Outcome {
  const all = { ...load, ...scenario };
  const { plan } = new Simulation({ ...all, patienceMs: 0 }, seed, { invariants: [] }).run();
  const together = [...plan.actions, ...actions].sort((one, other) => one.atMs - other.atMs);
  const deadlineMs = plan.deadlineMs + all.patienceMs;
  const settings = { ...plan.settings, heartbeatDelayMs: 200, timeoutMs };
  return new Simulation(all, seed, {
    plan: { ...plan, settings, actions: together, rates: { ...plan.rates, ...rates }, deadlineMs },
    observer,
  }).run();
}

function dies(place: string, atMs: number, restartMs: number | null = null): CrashAction {
  return { kind: 'crash', atMs, place, afterEvents: 5, restartMs, identity: 'new' };
}

/** Nothing goes between these and those. */
function apart(some: readonly string[], others: readonly string[]): readonly Direction[] {
  return some.flatMap((one) =>
    others.flatMap((other): Direction[] => [
      [one, other],
      [other, one],
    ]),
  );
}

function cut(
  atMs: number,
  lastsMs: number,
  directions: readonly Direction[],
  messages: 'lost' | 'kept' = 'lost',
): Action {
  return { kind: 'cut', shape: 'split', messages, atMs, lastsMs, directions };
}

const five: Partial<Scenario> = { nodes: 5 };

function nodesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `n${String(index)}`);
}

/** One key in each of the sixteen slots. */
const slotKeys = Array.from({ length: 16 }, (_, slot) => keyIn(slot));

function keyIn(slot: number): string {
  for (let number = 0; ; number += 1) {
    const key = `k${String(number)}`;
    if (positionOf(Buffer.from(key)).charCodeAt(0) >> 4 === slot) return key;
  }
}

/** In the view of four, or five, n0 leads its slot. */
const ledByN0 = keyIn(0);

/** In the view of four n1 leads its slot. */
const ledByN1 = keyIn(4);

/** A client of its own asks for each key: for a put or a get, by turns. */
function asksForBoth(index: number, key: string): Draw {
  return (_random, atMs) => {
    const operation = Math.floor(atMs / 230) % 2 === 0 ? 'put' : 'get';
    return { kind: 'operation', atMs, client: `c${String(index)}`, operation, key };
  };
}

/** In the view of four the leader is n0, which leads slots as the others do; n1 leads others. */
const scripts: readonly Script[] = [
  {
    name: 'S9: a coordinator stands still for long, is evicted meanwhile, and goes on',
    actions: [
      ask('c0', 2_000, 'put', ledByN1, 'before'),
      { kind: 'pause', atMs: 2_000.5, place: 'n1', lastsMs: 6_000 },
      ask('c1', 5_000, 'put', ledByN1, 'after'),
      ask('c1', 5_001, 'delete', ledByN1),
      ask('c2', 9_500, 'get', ledByN1),
    ],
    scenario: { keys: [...keys, ...counters, ledByN1] },
    // It had begun with what others perform, change and delete meanwhile; and of its eviction it hears when it goes on.
    shows: (log, { probes }) => {
      expect(probes).toMatchObject({ 'a living member was evicted': 1 });
      const [before, ...others] = log.mutations.filter(({ key }) => key === ledByN1);
      expect(before?.asked.map(({ to }) => to)).toStrictEqual(['n1', 'n3', 'n2']);
      const begun = proposals(log).filter(({ key, by }) => key === ledByN1 && by === 'n1');
      expect(Math.floor(begun[0]?.atMs ?? 0)).toBe(2_000);
      const elsewhere = before?.answers.filter(({ from, atMs }) => from !== 'n1' && atMs < 5_000);
      expect(elsewhere).not.toStrictEqual([]);
      expect(others.flatMap(({ answers }) => answers)).toHaveLength(2);
      const goesOn = before?.answers.filter(({ from, atMs }) => from === 'n1' && atMs > 8_000);
      expect(goesOn).toHaveLength(1);
      const [out] = log.installations.filter(({ isOut }) => isOut);
      expect(out?.process.place).toBe('n1');
      expect(out?.atMs).toBeGreaterThan(8_000);
      expect(log.answersTo(ledByN1, 'get').map(({ found }) => found)).toStrictEqual([null]);
    },
  },
  { name: 'S14: a replica dies', actions: [dies('n3', 2_500)], scenario: five },
  { name: 'S14: the leader dies', actions: [dies('n0', 2_500)], scenario: five },
  {
    name: 'S14: the leader dies, and then who leads next',
    actions: [dies('n0', 2_000), dies('n1', 5_500)],
    scenario: five,
  },
  {
    name: 'S14: who dies is replaced at its place at once',
    actions: [dies('n2', 2_500, 50)],
  },
  {
    name: 'S15: one joins, one leaves and one dies together',
    actions: [
      { kind: 'join', atMs: 2_000, place: 'y0' },
      { kind: 'leave', atMs: 2_020, place: 'n1' },
      dies('n3', 2_040),
    ],
    scenario: five,
  },
  {
    name: 'S16: the lead dies while a newcomer is synchronised',
    actions: [{ kind: 'join', atMs: 2_000, place: 'y0' }, dies('n0', 2_130)],
  },
  {
    name: 'S16: a newcomer dies while it is synchronised',
    actions: [{ kind: 'join', atMs: 2_000, place: 'y0' }, dies('y0', 2_150)],
  },
  {
    name: 'S16: a member that is synced dies when the newcomer is not',
    actions: [
      {
        kind: 'clog',
        atMs: 1_990,
        lastsMs: 3_000,
        directions: [
          ['n0', 'y0'],
          ['n2', 'y0'],
        ],
      },
      { kind: 'join', atMs: 2_000, place: 'y0' },
      dies('n3', 2_600),
    ],
    scenario: five,
  },
  {
    name: 'S17: a node skips some views',
    actions: [
      cut(2_000, 1_100, apart(['n3'], ['n0', 'n1', 'n2', 'y0', 'y1'])),
      { kind: 'refresh', atMs: 2_050, slots: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
      { kind: 'join', atMs: 2_200, place: 'y0' },
      { kind: 'refresh', atMs: 2_700, slots: [3, 4, 5, 9, 10, 11, 12] },
    ],
    scenario: { changes: { graceMs: 4_000, slotCount: 16 } },
  },
  {
    name: 'S18: all nodes are replaced, one after the other',
    actions: [
      { kind: 'replace', atMs: 1_000, place: 'n0', by: 'y0' },
      { kind: 'replace', atMs: 3_000, place: 'n1', by: 'y1' },
      { kind: 'replace', atMs: 5_000, place: 'n2', by: 'y2' },
      { kind: 'replace', atMs: 7_000, place: 'n3', by: 'n1' },
    ],
  },
  {
    name: 'S19: slots are refreshed all the time',
    actions: [1_000, 2_000, 3_000, 4_000, 5_000, 6_000].map((atMs): Action => {
      return { kind: 'refresh', atMs, slots: Array.from({ length: 16 }, (_, slot) => slot) };
    }),
  },
  {
    name: 'S20: from four to seven, and back',
    actions: [
      ...['y0', 'y1', 'y2'].map((place): Action => ({ kind: 'join', atMs: 1_000, place })),
      ...['n0', 'n2', 'y1'].map((place): Action => ({ kind: 'leave', atMs: 5_000, place })),
    ],
  },
  {
    name: 'S21: a minority is apart from the others',
    actions: [cut(2_000, 5_000, apart(['n3', 'n4', 'c3'], ['n0', 'n1', 'n2', 'c0', 'c1', 'c2']))],
    scenario: five,
    mostUnknown: 8,
  },
  {
    name: 'S22: three with the council are apart from two with most of some groups, and clients reach both',
    actions: [cut(2_000, 8_000, apart(['n0', 'n1', 'n2'], ['n3', 'n4']))],
    scenario: {
      ...five,
      clients: slotKeys.length,
      keys: slotKeys,
      during: inSequence(
        pause(800),
        together(
          ...slotKeys.map((key, index) => raise(45, asksForBoth(index, key), constant(230))),
        ),
      ),
      afterwards: pause(100),
    },
    timeoutMs: 100_000,
    // Each side serves the keys of whose groups it has a majority, as soon as it suspects the others.
    shows: (log) => {
      for (const key of slotKeys) expect(log.longestWaitMs(key)).toBeLessThan(2_000);
      const asked = log
        .lettersOf('store/Mutated')
        .filter(({ atMs }) => atMs > 5_000 && atMs < 10_000);
      expect(new Set(asked.map(({ from }) => from))).toStrictEqual(new Set(nodesOf(5)));
    },
  },
  {
    name: 'S23: the leader hears the others, and they do not hear it',
    actions: [
      cut(2_000, 4_000, [
        ['n0', 'n1'],
        ['n0', 'n2'],
        ['n0', 'n3'],
      ]),
    ],
  },
  {
    name: 'S24: a link flaps at the grace',
    actions: [0, 1, 2, 3, 4].map((time) =>
      cut(1_500 + 1_900 * time, 1_000, apart(['n2'], ['n0', 'n1', 'n3'])),
    ),
  },
  {
    name: 'S25: one is ten times as slow as the others',
    actions: [
      {
        kind: 'slow link',
        atMs: 1_500,
        lastsMs: 6_000,
        extraMs: 60,
        directions: apart(['n1'], ['n0', 'n2', 'n3']),
      },
    ],
  },
  {
    name: 'S26: most of a group die at once, and the others serve what they hold',
    actions: [dies('n1', 3_000), dies('n2', 3_000)],
    scenario: five,
    mostUnknown: 60,
    timeoutMs: 1_000,
  },
  {
    name: 'S29: a client that was cut off while the view changed goes on',
    actions: [
      cut(1_000, 6_500, apart(['c1'], ['n0', 'n1', 'n2', 'n3', 'y0', 'y1'])),
      { kind: 'replace', atMs: 1_500, place: 'n0', by: 'y0' },
      { kind: 'replace', atMs: 3_500, place: 'n1', by: 'y1' },
      { kind: 'refresh', atMs: 5_500, slots: [0, 1, 2, 3] },
    ],
  },
  ...[1, 2, 5].map((replication): Script => ({
    name: `S30: a join, and a member that leaves, where δ = ${String(replication)}`,
    actions: [
      { kind: 'join', atMs: 2_000, place: 'y0' },
      { kind: 'leave', atMs: 5_000, place: 'n1' },
    ],
    scenario: { nodes: 5, replication },
  })),
];

const places = ['n0', 'n1', 'n2', 'n3'];
const askers = ['c0', 'c1', 'c2', 'c3'];

/** Two seconds of requests. */
function briefly(...raisings: readonly Raising[]): Partial<Scenario> {
  return { during: inSequence(pause(800), together(...raisings, pause(2_000))) };
}

const few = briefly(
  raise(30, changeOperation(keys), exponential(60)),
  raise(20, countOf(counters), exponential(90)),
);

function asks(client: string, operation: OperationAction['operation'], key: string): Draw {
  return (_random, atMs) => ({ kind: 'operation', atMs, client, operation, key });
}

/** The clock of this place jumps. */
function clock(place: string, atMs: number, aheadMs: number): Action {
  return { kind: 'clock', place, atMs, aheadMs, rate: 1, lastsMs: 0 };
}

function ask(
  client: string,
  atMs: number,
  operation: OperationAction['operation'],
  key: string,
  value?: string,
): Action {
  return { kind: 'operation', atMs, client, operation, key, ...(value !== undefined && { value }) };
}

/** Some request was asked again, by a number that is its own for good, and each answer to one was the same. */
function expectSameAnswers(log: ScenarioLog): void {
  const again = log.mutations.filter(({ asked }) => asked.length > 1);
  expect(again.filter(({ answers }) => answers.length > 1)).not.toStrictEqual([]);
  for (const { answers } of again) expect(outcomesOf(answers).length).toBeLessThan(2);
}

/** The different ones. */
function outcomesOf(answers: readonly Letter[]): readonly MutatedReply['outcome'][] {
  const outcomes = answers.map(({ message }) => (message as MutatedReply).outcome);
  return [...new Map(outcomes.map((outcome) => [JSON.stringify(outcome), outcome])).values()];
}

/** Between the first answer to a request and the last, another one was performed on the same key. */
function isOvertaken({ key, answers }: Mutation, log: ScenarioLog): boolean {
  const fromMs = answers[0]?.atMs ?? 0;
  const untilMs = answers.at(-1)?.atMs ?? 0;
  const [own] = outcomesOf(answers);
  return log.mutations.some((other) => {
    const first = other.answers[0];
    if (other.key !== key || !first || first.atMs < fromMs || first.atMs > untilMs) return false;
    const [{ succeeded, version = 0 } = { succeeded: false }] = outcomesOf([first]);
    return succeeded && version > (own?.version ?? 0);
  });
}

/** Who has founded what was installed, and the numbers of the views. */
function foundedBy(log: ScenarioLog): ReadonlySet<string> {
  return new Set(log.installations.map(({ view }) => `${view.founder} ${String(view.number)}`));
}

/** Of the first node, which gathers the others. */
const firstLife = 'n0@10.0.0.1:7100';

/** After how many events it dies, and what it says last: from before anybody was taken in to when all have the view. */
const firstDeaths = [
  [20, undefined],
  [60, 'gms/NoView'],
  [100, 'consensus/Prepare'],
  [115, 'consensus/Accepted'],
  [130, 'consensus/Decided'],
  [145, 'gms/Install'],
  [160, 'store/Opened'],
  [200, 'epfd/HeartbeatRequest'],
] as const;

/** What may go wrong with registers and requests while the members stay. */
const calmer: readonly Script[] = [
  ...[1, 3, 5, 7].map((nodes): Script => ({
    name: `S1: ${String(nodes)} nodes begin`,
    actions: [],
    scenario: { ...few, nodes, replication: Math.min(3, nodes) },
    shows: (log) => {
      expect(foundedBy(log)).toStrictEqual(new Set(['n0@10.0.0.1:7100 1']));
      expect(log.installations.map(({ process }) => process.place).sort()).toStrictEqual(
        nodesOf(nodes),
      );
    },
  })),
  ...firstDeaths.map(([afterEvents, saidLast]): Script => ({
    name: `S1: the first node dies after ${String(afterEvents)} events`,
    actions: [{ ...dies('n0', 0, 100), afterEvents }],
    scenario: few,
    mostUnknown: 60,
    // Whoever completes the view, there is one cluster, and all are in it.
    shows: (log, { faults }) => {
      expect(faults.crash).toBe(1);
      const died = log.letters.filter(({ sender }) => sender.self === firstLife);
      expect(died.map(({ message }) => message.declaration.type).at(-1)).toBe(saidLast);
      const founders = log.installations.map(({ view: { founder } }) => founder);
      expect(new Set(founders).size).toBe(1);
      expect(new Set(log.installations.map(({ process }) => process.place))).toStrictEqual(
        new Set(places),
      );
    },
  })),
  {
    name: 'S2: one writes, and many read',
    actions: [],
    scenario: briefly(
      raise(20, asks('c0', 'put', 'a'), exponential(90)),
      ...askers.slice(1).map((client) => raise(20, asks(client, 'get', 'a'), exponential(90))),
    ),
    // One round each: nobody prepares, a put is accepted by two others, a get asks two members, or one and that one
    // another, and any replica serves it. Glances that meet with a put are followed by a get.
    shows: (log, { probes }) => {
      const gets = log.lettersOf('store/Get').length;
      const inVain = Number(probes['a glance came to nothing']);
      expect(log.lettersOf('slot-register/Glance').length).toBeGreaterThanOrEqual(2 * 20);
      expect(gets - inVain).toBeGreaterThanOrEqual(2 * 20);
      expect(log.lettersOf('slot-register/Prepare')).toStrictEqual([]);
      expect(log.lettersOf('slot-register/Accept')).toHaveLength(2 * 20);
      expect(log.lettersOf('slot-register/Read')).toHaveLength(gets);
      expect(probes).toMatchObject({ 'a read imposed what it found': 0 });
      expect(new Set(log.lettersOf('store/Value').map(({ from }) => from)).size).toBe(3);
    },
  },
  {
    name: 'S3: many write one key',
    actions: [],
    scenario: briefly(
      ...askers.map((client) => raise(25, asks(client, 'increment', 'i'), exponential(0.2))),
    ),
    // What comes during a round goes into the next one together; and nothing is counted twice.
    shows: (log) => {
      const mutations = log.mutations.length;
      const rounds = log.lettersOf('slot-register/Accept').length / 2;
      expect(mutations).toBe(4 * 25);
      expect(rounds).toBeLessThan(0.7 * mutations);
      expect(log.answersTo('i', 'get').map(({ found }) => found)).toStrictEqual(['100']);
    },
  },
  {
    name: 'S4: each client asks a node of its own',
    actions: askers.map((client, index) =>
      cut(
        700,
        2_500,
        apart(
          [client],
          places.filter((_, other) => other !== index),
        ),
      ),
    ),
    scenario: few,
    // Whoever is asked answers, and has the lead perform what changes something.
    shows: (log, { probes }) => {
      const answers = ['store/Mutated', 'store/Value', 'store/NotFound'].flatMap((type) =>
        log.lettersOf(type),
      );
      const meanwhile = answers.filter(
        ({ atMs, to }) => atMs > 800 && atMs < 3_100 && to?.startsWith('c'),
      );
      const pairs = new Set(meanwhile.map(({ from, to }) => `${String(to)} ${from}`));
      expect(pairs).toStrictEqual(
        new Set(askers.map((client, index) => `${client} n${String(index)}`)),
      );
      expect(probes['a node handed a request on']).toBeGreaterThan(10);
    },
  },
  {
    name: 'S5: what is written is stuck at the lead and one more, and is read there',
    actions: [
      cut(1_200, 1_000, apart(['n0'], ['n2', 'n3', 'n4'])),
      cut(1_200, 1_000, apart(['c1'], ['n0', 'n2', 'n3', 'n4'])),
      ask('c0', 1_250, 'put', ledByN0, 'stuck'),
      ask('c1', 1_260, 'get', ledByN0),
    ],
    scenario: { ...few, nodes: 5, replication: 5, keys: [...keys, ...counters, ledByN0] },
    // Two of five hold it: who reads it there has a majority hold it before anybody is told.
    shows: (log, { probes }) => {
      const [stuck, imposed] = proposals(log).filter(({ key }) => key === ledByN0);
      expect(stuck).toMatchObject({ by: 'n0', count: 1 });
      expect(imposed).toMatchObject({ by: 'n1', ballot: stuck?.ballot, count: 1 });
      expect(probes['a read imposed what it found']).toBeGreaterThan(0);
      const ends = log.askings.filter(({ action: { key } }) => key === ledByN0);
      expect(ends.map(({ action, answer }) => [action.operation, answer?.found])).toStrictEqual([
        ['get', 'stuck'],
        ['put', undefined],
      ]);
    },
  },
  {
    name: 'S6: the lead is away from one that takes over from it, and comes back',
    actions: [cut(1_000, 800, apart(['n0'], ['n1', ...askers]))],
    scenario: few,
    // It is refused by those that promised a higher ballot, and has its records chosen above that.
    shows: (log) => {
      const isBack = refusals(log).some((refused) => {
        const { key, ballot } = refused;
        const over = preparations(log).find((one) => one.key === key && one.ballot === ballot);
        const again = preparations(log).find(
          (one) => one.key === key && one.by === 'n0' && one.atMs > refused.atMs,
        );
        return (
          refused.by === 'n0' &&
          over?.by === 'n1' &&
          again !== undefined &&
          again.ballot > ballot &&
          proposals(log).some((one) => one.key === key && one.ballot === again.ballot)
        );
      });
      expect(isBack).toBe(true);
    },
  },
  {
    name: 'S7: two take the same keys over from one another',
    actions: [0, 1, 2, 3].flatMap((time) => [
      cut(1_000 + 400 * time, 300, apart(['n0'], ['n1', 'n2'])),
      cut(1_200 + 400 * time, 300, apart(['n1'], ['n2', 'n3'])),
    ]),
    scenario: few,
    // One, the other, and the first again, each above all before.
    shows: (log, { probes }) => {
      expect(probes['a higher ballot ended a round']).toBeGreaterThan(0);
      const duels = keys.filter((key) => {
        const rounds = preparations(log).filter((round) => round.key === key);
        const owners = rounds.sort((one, two) => one.ballot - two.ballot).map(({ by }) => by);
        return owners.some((by, place) => {
          const next = owners.findIndex((other, later) => later > place && other !== by);
          return next > 0 && owners.includes(by, next);
        });
      });
      expect(duels).not.toStrictEqual([]);
    },
  },
  {
    name: 'S10: every reply is lost for a while',
    actions: [
      cut(
        1_200,
        700,
        askers.flatMap((client) => places.map((place) => [place, client] as const)),
      ),
    ],
    scenario: few,
    // What was performed is asked again, elsewhere, and answered out of the record; and that is lost as well.
    shows: (log) => {
      expectSameAnswers(log);
      const lost = log.mutations.filter(({ answers }) =>
        answers.some(({ atMs }) => atMs > 1_200 && atMs < 1_900),
      );
      const kinds = ['put', 'increment', 'cas'];
      expect(lost.map(({ operation: { kind } }) => kind)).toEqual(expect.arrayContaining(kinds));
      for (const { answers } of lost) {
        expect(new Set(answers.map(({ from }) => from)).size).toBeGreaterThan(1);
        expect(answers.at(-1)?.atMs).toBeGreaterThan(1_900);
      }
    },
  },
  {
    name: 'S11: everything comes twice, and in another order',
    actions: [],
    scenario: few,
    rates: { duplication: 1, reordering: 0.8, reorderingMs: 20, replay: 0.3, replayMs: 500 },
    shows: (log, { faults }) => {
      for (const kind of ['duplication', 'reordering', 'replay'] as const) {
        expect(faults[kind]).toBeGreaterThan(100);
      }
      // A client has asked once, and each copy is answered as the first of them.
      const copied = log.mutations.filter(({ asked, answers }) => answers.length > asked.length);
      expect(copied.length).toBeGreaterThan(20);
      for (const { answers } of copied) expect(outcomesOf(answers)).toHaveLength(1);
    },
  },
  {
    name: 'S12: compare and set of one key by all, while some are asked again',
    actions: [900, 1_200, 1_500, 1_800, 2_100, 2_400].map((atMs) =>
      cut(
        atMs,
        200,
        askers.map((client) => ['n3', client] as const),
      ),
    ),
    scenario: briefly(
      ...askers.flatMap((client) => [
        raise(10, asks(client, 'get', 'a'), exponential(100)),
        raise(10, asks(client, 'set if version', 'a'), exponential(100)),
        raise(5, asks(client, 'set if absent', 'a'), exponential(200)),
      ]),
    ),
    shows: (log, outcome) => {
      expectSameAnswers(log);
      const ends = outcome.history.filter(({ op }) => op === 'cas').map(({ status }) => status);
      expect(new Set(ends)).toStrictEqual(new Set(['ok', 'fail']));
      // Of those that were asked again some had failed by the version, and some had not; and others changed the key meanwhile.
      const again = log.mutations.filter(
        ({ operation, answers }) =>
          operation.kind === 'cas' && operation.expected.kind === 'version' && answers.length > 1,
      );
      const verdicts = again.flatMap(({ answers }) => outcomesOf(answers));
      expect(new Set(verdicts.map(({ succeeded }) => succeeded))).toStrictEqual(
        new Set([true, false]),
      );
      expect(again.some((one) => isOvertaken(one, log))).toBe(true);
    },
  },
  {
    name: 'S13: sessions end while requests are on their way, by clocks that are two hours apart',
    actions: [
      cut(1_200, 500, apart(['c1'], ['n0', 'n1', 'n2']), 'kept'),
      ...['n0', 'n2'].map((place) => clock(place, 1_250, 7_200_000)),
      { ...dies('c3', 1_300, 20), afterEvents: 1 },
      ask('c1', 1_210, 'put', ledByN0, 'before'),
      ask('c3', 1_650, 'put', ledByN0, 'after'),
      ask('c0', 2_600, 'get', ledByN0),
    ],
    scenario: { ...few, keys: [...keys, ...counters, ledByN0] },
    mostUnknown: 12,
    // A session of later comes in by the clock that is ahead, and those of before are over: refused, and not performed.
    shows: (log, { probes }) => {
      expect(probes['a session was over']).toBeGreaterThan(0);
      const over = log.mutations.filter(({ refusals }) => refusals.includes('session expired'));
      expect(over).not.toStrictEqual([]);
      // One was answered before, by n3, and its copies to the others come late: they are refused, and what is newer stays.
      const late = over.find(({ key }) => key === ledByN0);
      expect(late?.answers.map(({ from }) => from)).toStrictEqual(['n3']);
      expect(late?.refusals).toStrictEqual(Array(3).fill('session expired'));
      expect(log.answersTo(ledByN0, 'get').map(({ found }) => found)).toStrictEqual(['after']);
    },
  },
  {
    name: 'S27: a node that comes back under its identity is not the member that it was',
    actions: [{ ...dies('n3', 1_400, 100), identity: 'same' }],
    scenario: { ...few, nodes: 5 },
    mostUnknown: 8,
    // It is told that the cluster lives, answers nobody in the place of the one before, and comes back as another one.
    shows: (log) => {
      const lives = new Set(
        log.letters.filter(({ from }) => from === 'n3').map(({ sender }) => sender),
      );
      const [, same, next] = lives;
      expect(
        log.letters
          .filter(({ sender }) => sender === same)
          .map(({ message }) => message.declaration.type),
      ).not.toContainEqual(
        expect.stringMatching(/^slot-register.(Promise|Accepted|Value|SyncAck)$|^consensus/),
      );
      expect(log.lettersOf('gms/JoinRefused').some(({ to }) => to === 'n3')).toBe(true);
      const last = log.installations.at(-1)?.view.members.map(({ address }) => address);
      expect(last).not.toContain(same?.self);
      expect(last).toContain(next?.self);
    },
  },
];

describe('what the design says must be gone through', () => {
  test.each([...calmer, ...scripts])('$name', (script) => {
    const log = new ScenarioLog();
    const outcome = perform(script, '1', log);
    const { verdict, failure, operations } = outcome;

    expect({ verdict, failure }).toEqual({ verdict: 'passed', failure: undefined });
    expect(operations.unavailable).toBeLessThanOrEqual(script.mostUnknown ?? 0);
    expect(operations.unknown).toBeLessThanOrEqual(script.mostUnknown ?? 0);
    script.shows?.(log, outcome);
  });
});

test('S8: a coordinator dies at each of its events; whoever is asked then performs the same request, once', () => {
  const deaths = new Set<string>();
  for (let afterEvents = 1; afterEvents <= 12; afterEvents += 1) {
    const death = { ...dies('n1', 1_500), afterEvents };
    const actions = [ask('c0', 1_500, 'increment', ledByN1), death];
    const scenario = { ...few, keys: [...keys, ...counters, ledByN1] };
    const log = new ScenarioLog();
    const { verdict, failure } = perform({ name: 'S8', actions, scenario }, '1', log);

    expect({ verdict, failure }).toEqual({ verdict: 'passed', failure: undefined });
    expect(log.answersTo(ledByN1, 'increment').map(({ found }) => found)).toStrictEqual(['1']);
    const ofTheDead = log.letters.filter(({ from }) => from === 'n1');
    const answered = ofTheDead.filter(({ message }) => message instanceof MutatedReply);
    const again = log.askedAgain(ledByN1);
    expect(again).toHaveLength(answered.length > 0 ? 0 : 1);
    for (const { asked, answers } of again) {
      expect(asked[0]?.message.destination).toMatch(/^n1@/);
      expect(answers.map(({ from }) => from)).not.toContain('n1');
    }
    const itsAccepts = ofTheDead.filter(
      ({ message }) =>
        message.declaration.type === 'slot-register/Accept' && keyOf(message) === ledByN1,
    );
    deaths.add(`${String(itsAccepts.length)} asked, ${String(answered.length)} answered`);
  }

  const expected = ['0 asked, 0 answered', '1 asked, 0 answered', '2 asked, 0 answered'];
  expect([...deaths]).toEqual(expect.arrayContaining(expected));
  expect([...deaths]).toContain('2 asked, 1 answered');
});

describe('S26: what was given up', () => {
  /** Clients ask before two of five die, when nobody has noticed all of it, and when an operator has given them up. */
  const phases: Partial<Scenario> = {
    ...five,
    during: together(
      inSequence(pause(800), raise(50, changeOperation(keys), exponential(25))),
      inSequence(pause(3_500), raise(20, changeOperation(keys), exponential(60))),
      inSequence(pause(8_000), raise(50, changeOperation(keys), exponential(25))),
      inSequence(pause(8_000), raise(20, countOf(counters), exponential(40))),
    ),
  };
  const loss: Script = {
    name: 'loss',
    actions: [dies('n1', 3_000), dies('n2', 3_000)],
    scenario: phases,
    timeoutMs: 1_000,
  };
  const force: ForceAction = { kind: 'force', atMs: 6_000, lost: ['n1', 'n2'], beginEmpty: false };
  const failed = ({ operations }: Outcome): number => operations.unavailable + operations.unknown;

  test.each(['1', '2', '3'])('is served again, with what survives: seed %s', (seed) => {
    const without = perform(loss, seed);
    const log = new ScenarioLog();
    const outcome = perform({ ...loss, actions: [...loss.actions, force] }, seed, log);

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
    // What was asked for in between is refused, or its outcome unknown, and nothing that was asked for later.
    expect(failed(outcome)).toBeGreaterThan(0);
    expect(failed(outcome)).toBeLessThanOrEqual(20);
    expect(failed(without)).toBeGreaterThan(failed(outcome) + 10);
    // Whoever asks later is told so.
    const told = ['store/Value', 'slot-register/Glanced'].flatMap((type) =>
      log.lettersOf(type).map(({ message, atMs }) => ({
        atMs,
        era: (message as ValueReply | GlancedMessage).era,
      })),
    );
    expect(
      new Set(told.filter(({ atMs }) => atMs < force.atMs).map(({ era }) => era)),
    ).toStrictEqual(new Set([0]));
    expect(new Set(told.filter(({ atMs }) => atMs > 8_000).map(({ era }) => era))).toStrictEqual(
      new Set([1]),
    );
  });

  test.each(['1', '2'])('is served again by two of five, without a council: seed %s', (seed) => {
    const lost = ['n1', 'n2', 'n3'];
    const outcome = perform(
      {
        ...loss,
        scenario: { ...phases, replication: 5 },
        actions: [...lost.map((place) => dies(place, 3_000)), { ...force, lost }],
      },
      seed,
    );

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
    expect(failed(outcome)).toBeGreaterThan(0);
    expect(failed(outcome)).toBeLessThanOrEqual(20);
  });
});
