import { Random } from '@jbstore/core';
import {
  Simulation,
  calm,
  countOf,
  exponential,
  inSequence,
  pause,
  raise,
  together,
  uniform,
  wrongSuspicion,
  type Action,
  type Draw,
  type Outcome,
  type Plan,
  type Scenario,
} from '@jbstore/simulator';

const nodes = ['n0', 'n1', 'n2'];
const clients = Array.from({ length: 12 }, (_, index) => `c${String(index)}`);
const keys = ['x', 'y', 'z'];

/** What a node sends is late for a while, by about as long as it takes another to suspect it. */
const lateness: Draw = (random, atMs) => {
  const node = random.pick(nodes);
  return {
    kind: 'slow link',
    atMs,
    lastsMs: 100 + random.float() * 500,
    extraMs: 50 + random.float() * 350,
    directions: nodes.filter((other) => other !== node).map((other) => [node, other] as const),
  };
};

/** The clock of one node jumps; some clients begin anew, and open sessions by it. Those of the others are over. */
const jump: Draw = (random, atMs) => [
  { kind: 'clock', atMs, place: random.pick(nodes), lastsMs: 0, aheadMs: 7_200_000, rate: 1 },
  ...clients
    .filter(() => random.int(3) === 0)
    .map((place): Action => {
      const restartMs = 1 + random.float() * 100;
      return { kind: 'crash', atMs, place, afterEvents: 0, restartMs, identity: 'new' };
    }),
];

const scenario: Scenario = {
  name: 'duels',
  about: 'members take the same keys over from one another, and the clock of one jumps',
  nodes: nodes.length,
  replication: nodes.length,
  register: 'exactly-once',
  changes: { graceMs: 60_000, slotCount: 4 },
  clients: clients.length,
  keys,
  during: inSequence(
    pause(600),
    together(
      raise(150, countOf(keys), exponential(8)),
      raise(8, lateness, exponential(100)),
      raise(6, wrongSuspicion, exponential(100)),
      raise(1, jump, uniform(200, 400)),
    ),
  ),
  afterwards: inSequence(pause(200), raise(4, countOf(keys), exponential(20))),
  weather: calm,
  patienceMs: 60_000,
};

export function duelsRun(seed: string): Outcome {
  return new Simulation(scenario, seed, { plan: planOf(seed) }).run();
}

function planOf(seed: string): Plan {
  const cast = { nodes, clients, keys };
  const before = scenario.during({ seed, path: [0], startMs: 0, cast });
  const after = scenario.afterwards({ seed, path: [1], startMs: before.endMs, cast });
  const actions = [...before.actions, ...after.actions];
  const mostMs = new Random(`duels ${seed}`).pick([2, 20]);
  return {
    order: { kind: 'random' },
    latency: { leastMs: 0.5, mostMs, stragglers: 0, stragglerMs: 0 },
    rates: {
      loss: 0.05,
      noticedMs: 50,
      duplication: 0.2,
      reordering: 0.2,
      reorderingMs: 50,
      replay: 0.2,
      replayMs: 500,
    },
    settings: {
      heartbeatDelayMs: 100,
      heartbeatIncreaseMs: 10,
      attemptMs: 50,
      timeoutMs: 1_000,
      tickMs: 25,
    },
    actions: actions.sort((one, other) => one.atMs - other.atMs),
    healAtMs: before.endMs,
    deadlineMs: after.endMs + scenario.patienceMs,
  };
}
