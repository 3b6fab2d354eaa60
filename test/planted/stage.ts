import { Simulation, calm, pause, type Plan, type Scenario } from '@jbstore/simulator';

import { findingOf as findingOfHistory } from './calls';
import { findingOf } from './churning';
import { noTrouble } from './focus';
import { nodes, replication, slotCount, type Schedule } from './schedule';

/**
 * Plays `schedule` over whole nodes, and says what was wrong: what clients saw comes before all else.
 * @param isWatched - what holds inside is looked at as well, after every event
 */
export function play(schedule: Schedule, isWatched: boolean): string {
  const plan = planOf(schedule);
  const options = isWatched ? { plan } : { plan, invariants: [] };
  const { history, failure } = new Simulation(scenarioOf(schedule), 'schedule', options).run();
  const seen = findingOfHistory(history, false);
  return failure && seen === 'linearizable' ? findingOf(failure) : seen;
}

function scenarioOf({ about, graceMs = 60_000 }: Schedule): Scenario {
  return {
    name: 'schedule',
    about,
    nodes,
    replication,
    register: 'exactly-once',
    changes: { graceMs, slotCount },
    clients: 2,
    keys: [],
    during: pause(0),
    afterwards: pause(0),
    weather: calm,
    patienceMs: 0,
  };
}

/** Every message takes a millisecond, and every node looks after the others at the same moments. */
function planOf({ actions, healAtMs }: Schedule): Plan {
  return {
    order: { kind: 'random' },
    latency: { leastMs: 1, mostMs: 1, stragglers: 0, stragglerMs: 0 },
    rates: { ...noTrouble, noticedMs: 20 },
    settings: {
      heartbeatDelayMs: 400,
      heartbeatIncreaseMs: 50,
      attemptMs: 50,
      timeoutMs: 3_000,
      tickMs: 10,
    },
    actions: [...actions].sort((one, other) => one.atMs - other.atMs),
    healAtMs,
    deadlineMs: healAtMs + 20_000,
  };
}
