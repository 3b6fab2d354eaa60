import { Random } from '@jbstore/core';
import {
  Simulation,
  calm,
  exponential,
  inSequence,
  operation,
  pause,
  raise,
  type Action,
  type Cast,
  type Latency,
  type MessageRates,
  type Outcome,
  type Plan,
  type Raising,
  type Scenario,
  type Settings,
} from '@jbstore/simulator';

/**
 * A scenario that is made for a few bugs. What other scenarios draw anew for each run is given, so that
 * each run has what the bugs need.
 */
export interface Focus {
  readonly scenario: Scenario;
  readonly latency: Latency;
  readonly rates: MessageRates;
  readonly settings: Settings;
  /** What the values of puts begin with; some of them have no other part. */
  readonly values: readonly string[];
}

/** What a focus is made of; the rest is as in most of them. */
export interface Foci extends Partial<Pick<Scenario, 'nodes' | 'register' | 'patienceMs'>> {
  readonly name: string;
  readonly about: string;
  readonly during: Raising;
  readonly latency?: Latency;
  readonly rates?: Partial<MessageRates>;
  readonly settings?: Partial<Settings>;
  readonly values?: readonly string[];
}

const clients = 6;
const keys = ['x'];
/** How long the nodes have to find one another. */
const bootMs = 500;

export function focusOf(foci: Foci): Focus {
  const { name, about, nodes = 3, register = 'multi-writer', patienceMs = 30_000 } = foci;
  const { latency = { leastMs: 0.5, mostMs: 5, stragglers: 0, stragglerMs: 0 }, values = [] } =
    foci;
  const group = { nodes, replication: nodes, register, clients, keys };
  const during = inSequence(pause(bootMs), foci.during);
  const afterwards = raise(3, operation, exponential(20));
  return {
    scenario: { name, about, ...group, during, afterwards, weather: calm, patienceMs },
    latency,
    rates: { ...noTrouble, ...foci.rates },
    settings: { ...usual, ...foci.settings },
    values,
  };
}

/** Every message comes once, in order. */
export const noTrouble: MessageRates = {
  loss: 0,
  noticedMs: 500,
  duplication: 0,
  reordering: 0,
  reorderingMs: 0,
  replay: 0,
  replayMs: 0,
};

const usual: Settings = {
  heartbeatDelayMs: 500,
  heartbeatIncreaseMs: 250,
  attemptMs: 200,
  timeoutMs: 1_000,
  tickMs: 50,
};

/** One run under `focus`, judged by what its clients saw, and by what the components themselves assert. */
export function runOf(focus: Focus, seed: string): Outcome {
  const options = { plan: planOf(focus, seed), invariants: [] };
  return new Simulation(focus.scenario, seed, options).run();
}

function planOf({ scenario, latency, rates, settings, values }: Focus, seed: string): Plan {
  const cast: Cast = { nodes: places('n', scenario.nodes), clients: places('c', clients), keys };
  const before = scenario.during({ seed, path: [0], startMs: 0, cast });
  const healAtMs = before.endMs;
  const after = scenario.afterwards({ seed, path: [1], startMs: healAtMs, cast });
  const actions = [...before.actions, ...after.actions].sort((one, two) => one.atMs - two.atMs);
  return {
    order: { kind: 'random' },
    latency,
    rates,
    settings,
    actions: withValues(actions, values, new Random(`values of ${seed}`)),
    healAtMs,
    deadlineMs: after.endMs + scenario.patienceMs,
  };
}

function withValues(
  actions: readonly Action[],
  values: readonly string[],
  random: Random,
): readonly Action[] {
  return actions.map((action, index) => {
    if (action.kind !== 'operation' || action.operation === 'get') return action;
    if (values.length === 0) return { ...action, value: `v${String(index)}` };
    const value = random.pick(values);
    return { ...action, value: random.int(2) === 0 ? value : `${value}${String(index)}` };
  });
}

function places(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${String(index)}`);
}
