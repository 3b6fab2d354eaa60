import {
  Simulation,
  calm,
  changeOperation,
  exponential,
  inSequence,
  pause,
  raise,
  together,
  type Action,
  type Draw,
  type Outcome,
  type Scenario,
} from '@jbstore/simulator';

import { apart } from './schedule';

const nodes = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6'];
const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
const slotCount = 8;
const bootMs = 800;

/**
 * Four of the seven die for good just after all slots began another epoch, and each of the three who are left is cut off
 * for a while around it: so one has what the other two have missed, in one epoch or the other.
 */
const loss: Draw = (random, atMs) => {
  const shuffled = random.shuffle(nodes);
  const absences = shuffled.slice(0, 3).map((node): Action => {
    const fromMs = atMs - 400 * random.float();
    const untilMs = fromMs + 300 + 200 * random.float();
    return apart(
      fromMs,
      untilMs,
      [node],
      nodes.filter((other) => other !== node),
    );
  });
  const deaths = shuffled.slice(3).map((place): Action => {
    const afterEvents = random.int(40);
    return { kind: 'crash', place, atMs, afterEvents, restartMs: null, identity: 'new' };
  });
  const slots = Array.from({ length: slotCount }, (_, slot) => slot);
  return [
    ...absences,
    ...deaths,
    { kind: 'refresh', atMs: atMs - 250 - 300 * random.float(), slots },
    { kind: 'force', atMs: atMs + 1_500, lost: [], beginEmpty: false },
  ];
};

const scenario: Scenario = {
  name: 'losses',
  about:
    'four of seven die for good while slots change, and each of the others has missed something',
  nodes: nodes.length,
  replication: nodes.length,
  register: 'exactly-once',
  changes: { graceMs: 10_000, slotCount },
  clients: 4,
  keys,
  during: inSequence(
    pause(bootMs),
    together(
      raise(150, changeOperation(keys), exponential(8)),
      inSequence(pause(900), raise(1, loss, exponential(200)), pause(3_000)),
    ),
  ),
  afterwards: inSequence(pause(500), raise(20, changeOperation(keys), exponential(20))),
  weather: { ...calm, latencyMs: 20 },
  patienceMs: 60_000,
};

export function lossesRun(seed: string): Outcome {
  return new Simulation(scenario, seed).run();
}
