import { Random } from '@jbstore/core';
import {
  Simulation,
  calm,
  changeOperation,
  cut,
  exponential,
  hours,
  inSequence,
  pause,
  perhaps,
  raise,
  raiseSome,
  refresh,
  together,
  uniform,
  wrongSuspicion,
  type Action,
  type Draw,
  type Plan,
  type Scenario,
} from '@jbstore/simulator';

import type { Edit } from './edit';

const nodes = ['n0', 'n1', 'n2', 'n3'];
const clients = ['c0', 'c1', 'c2', 'c3'];
const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const slotCount = 4;
const bootMs = 700;

/** What is streamed comes in chunks of one record, as slots with many keys have many chunks. */
export const smallChunks: Edit = {
  file: 'slot-register/src/pages.ts',
  find: 'export const pageBytes = 64 * 1024;',
  replace: 'export const pageBytes = 32;',
};

/** Mostly a get, or a delete, of any client on any key. */
const lookOrDelete: Draw = (random, atMs) => ({
  kind: 'operation',
  atMs,
  client: random.pick(clients),
  operation: random.pick(['delete', 'delete', 'put', 'set if version', 'get', 'get'] as const),
  key: random.pick(keys),
});

/** A node is cut off for a moment, in which slots may change. */
const absence: Draw = (random, atMs) => {
  const node = random.pick(nodes);
  return {
    kind: 'cut',
    shape: 'isolation',
    messages: 'lost',
    atMs,
    lastsMs: 100 + random.float() * 400,
    directions: nodes
      .filter((other) => other !== node)
      .flatMap((other) => [[node, other] as const, [other, node] as const]),
  };
};

const scenario: Scenario = {
  name: 'crowded',
  about: 'few slots with many keys, which are refreshed, while keys are deleted and sessions end',
  nodes: nodes.length,
  replication: 3,
  register: 'exactly-once',
  changes: { graceMs: 2_000, slotCount },
  clients: clients.length,
  keys,
  during: inSequence(
    pause(bootMs),
    together(
      raise(60, lookOrDelete, exponential(35)),
      raise(60, changeOperation(keys), exponential(35)),
      raise(10, refresh(slotCount), exponential(200)),
      perhaps(0.5, raise(5, absence, exponential(300))),
      perhaps(0.5, raiseSome(1, 3, cut, exponential(500))),
      perhaps(0.5, raiseSome(1, 3, wrongSuspicion, exponential(500))),
      perhaps(0.7, raise(1, hours, uniform(300, 1_200))),
    ),
  ),
  afterwards: inSequence(pause(300), raise(10, changeOperation(keys), exponential(20))),
  weather: calm,
  patienceMs: 60_000,
};

/** A run in which all that befalls messages does, as other scenarios draw it for a few runs only. */
export function crowdedRun(seed: string): ReturnType<Simulation['run']> {
  return new Simulation(scenario, seed, { plan: planOf(seed) }).run();
}

function planOf(seed: string): Plan {
  const cast = { nodes, clients, keys };
  const before = scenario.during({ seed, path: [0], startMs: 0, cast });
  const after = scenario.afterwards({ seed, path: [1], startMs: before.endMs, cast });
  const random = new Random(`crowded ${seed}`);
  return {
    order: { kind: 'random' },
    latency: { leastMs: 0.5, mostMs: random.pick([2, 10]), stragglers: 0, stragglerMs: 0 },
    rates: {
      loss: 0.03,
      noticedMs: 50,
      duplication: 0.1,
      reordering: 0.3,
      reorderingMs: random.pick([50, 300]),
      replay: 0.2,
      replayMs: 1_500,
    },
    settings: {
      heartbeatDelayMs: 200,
      heartbeatIncreaseMs: 50,
      attemptMs: random.pick([50, 200]),
      timeoutMs: random.pick([400, 1_000]),
      tickMs: 50,
    },
    actions: withValues([...before.actions, ...after.actions]),
    healAtMs: before.endMs,
    deadlineMs: after.endMs + scenario.patienceMs,
  };
}

function withValues(actions: readonly Action[]): readonly Action[] {
  return [...actions]
    .sort((one, other) => one.atMs - other.atMs)
    .map((action, index) =>
      action.kind === 'operation' ? { ...action, value: `v${String(index)}` } : action,
    );
}
