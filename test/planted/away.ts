import {
  Simulation,
  calm,
  pause,
  type Action,
  type Direction,
  type Outcome,
  type Plan,
  type Scenario,
} from '@jbstore/simulator';

import { quick } from '../dying-coordinator';
import { noTrouble } from './focus';

const scenario: Scenario = {
  name: 'away',
  about: 'a member does the work of the lead, which is cut off from it, and is the lead again then',
  nodes: 3,
  replication: 3,
  register: 'exactly-once',
  changes: { graceMs: 60_000, slotCount: 4 },
  clients: 2,
  keys: ['x'],
  during: pause(0),
  afterwards: pause(0),
  weather: calm,
  patienceMs: 0,
};

const healAtMs = 2_600;

/** While n0 and n1 are apart, n1 and n2 choose a record of which n0 hears nothing. Requests do not wait for long. */
const plan: Plan = {
  order: { kind: 'random' },
  latency: { leastMs: 0.5, mostMs: 2, stragglers: 0, stragglerMs: 0 },
  rates: { ...noTrouble, noticedMs: 50 },
  settings: { ...quick, timeoutMs: 400 },
  actions: [
    cut([
      ['n0', 'n1'],
      ['n1', 'n0'],
      ['c0', 'n0'],
      ['c0', 'n2'],
    ]),
    put('c0', 1_300),
    put('c1', 2_300),
    put('c1', 2_700),
  ],
  healAtMs,
  deadlineMs: healAtMs + 10_000,
};

export function awayRun(seed: string): Outcome {
  return new Simulation(scenario, seed, { plan }).run();
}

function put(client: string, atMs: number): Action {
  return { kind: 'operation', client, atMs, operation: 'put', key: 'x', value: String(atMs) };
}

function cut(directions: readonly Direction[]): Action {
  const when = { atMs: 800, lastsMs: 1_200 };
  return { kind: 'cut', shape: 'partial', messages: 'lost', ...when, directions };
}
