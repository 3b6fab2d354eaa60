import type { Random } from '@jbstore/core';

import { streamOf } from './chance';
import type { Action, Latency, MessageRates, OperationAction, Order, Plan, Settings } from './plan';
import type { Cast } from './raising';
import type { Scenario, Weather } from './scenario';

/** How many tasks a run may have, as far as the moments of change in the order are concerned. */
const tasksOfARun = 100_000;

/** Who and what there is in `scenario`. */
export function castOf({ nodes, clients, keys }: Scenario): Cast {
  const places = (letter: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${String(index)}`);
  return { nodes: places('n', nodes), clients: places('c', clients), keys };
}

/** The plan of the run of `scenario` with this seed. */
export function drawPlan(scenario: Scenario, seed: string): Plan {
  const cast = castOf(scenario);
  const before = scenario.during({ seed, path: [0], startMs: 0, cast });
  const healAtMs = before.endMs;
  const after = scenario.afterwards({ seed, path: [1], startMs: healAtMs, cast });
  const actions = withValues([...before.actions, ...after.actions]);
  const settings = drawSettings(streamOf(seed, 'settings'));
  return {
    order: drawOrder(streamOf(seed, 'order')),
    latency: drawLatency(streamOf(seed, 'latency'), scenario.weather),
    rates: drawRates(streamOf(seed, 'rates'), scenario.weather),
    settings,
    actions,
    healAtMs,
    deadlineMs: after.endMs + longestQueue(actions) * settings.timeoutMs + scenario.patienceMs,
  };
}

/**
 * How many operations one client is asked for, at most. If there is nobody to perform them, as the
 * first node died before there was a view, each of them waits for its timeout, one after the other.
 */
function longestQueue(actions: readonly Action[]): number {
  const asked = new Map<string, number>();
  for (const action of actions) {
    if (action.kind === 'operation') asked.set(action.client, (asked.get(action.client) ?? 0) + 1);
  }
  return Math.max(0, ...asked.values());
}

/** By time, and each put with a value of its own. */
function withValues(actions: readonly Action[]): readonly Action[] {
  const sorted = [...actions].sort((one, other) => one.atMs - other.atMs);
  let puts = 0;
  return sorted.map((action) => {
    if (action.kind !== 'operation' || !bringsValue(action)) return action;
    puts += 1;
    return { ...action, value: `v${String(puts)}` };
  });
}

function bringsValue({ operation }: OperationAction): boolean {
  return operation !== 'get' && operation !== 'delete' && operation !== 'increment';
}

function drawOrder(random: Random): Order {
  if (random.int(2) === 0) return { kind: 'random' };
  const changes = Array.from({ length: random.int(6) }, () => random.int(tasksOfARun));
  return { kind: 'priorities', changes };
}

function drawLatency(random: Random, { latencyMs }: Weather): Latency {
  const mostMs = random.pick([0.2, 1, 0.2 * latencyMs, latencyMs]);
  const straggles = random.int(2) === 0;
  return {
    leastMs: mostMs * random.pick([0.1, 0.5, 1]),
    mostMs,
    stragglers: straggles ? random.float() * 0.05 : 0,
    stragglerMs: straggles ? 20 * mostMs : 0,
  };
}

/** Each of the rates is 0 in half of the runs, so that one fault does not hide another. */
function drawRates(random: Random, weather: Weather): MessageRates {
  const upTo = (most: number): number => (random.int(2) === 0 ? 0 : most * random.float() ** 2);
  return {
    loss: upTo(weather.loss),
    noticedMs: random.pick([50, 500, 3_000]),
    duplication: upTo(weather.duplication),
    reordering: upTo(weather.reordering),
    reorderingMs: random.pick([1, 20, 500]),
    replay: upTo(weather.replay),
    replayMs: random.pick([500, 5_000, 30_000]),
  };
}

function drawSettings(random: Random): Settings {
  return {
    heartbeatDelayMs: random.pick([100, 200, 500]),
    heartbeatIncreaseMs: random.pick([50, 250]),
    attemptMs: random.pick([50, 200, 500]),
    timeoutMs: random.pick([400, 1_000, 3_000]),
    // As in production in few runs: such ticks take time, and try little.
    tickMs: random.int(16) === 0 ? 10 : random.pick([50, 100]),
  };
}
