import {
  Simulation,
  calm,
  changeOperation,
  constant,
  exponential,
  inSequence,
  pause,
  raise,
  refresh,
  together,
  type Draw,
  type Outcome,
  type Scenario,
} from '@jbstore/simulator';

const nodes = ['n0', 'n1', 'n2', 'n3'];
const keys = ['a', 'b', 'c', 'd'];
const slotCount = 4;

/** A link is cut for a while. */
const gap: Draw = (random, atMs) => {
  const [one = '', other = ''] = random.shuffle(nodes);
  const directions = [[one, other] as const, [other, one] as const];
  const lastsMs = 100 + random.float() * 500;
  return { kind: 'cut', shape: 'partial', messages: 'lost', atMs, lastsMs, directions };
};

/** A node is cut off for a while, in which slots may change. */
const absence: Draw = (random, atMs) => {
  const node = random.pick(nodes);
  const others = nodes.filter((other) => other !== node);
  const directions = others.flatMap((other) => [[node, other] as const, [other, node] as const]);
  const lastsMs = 100 + random.float() * 500;
  return { kind: 'cut', shape: 'isolation', messages: 'lost', atMs, lastsMs, directions };
};

const scenario: Scenario = {
  name: 'absences',
  about: 'slots change all the time, and members are away now and then',
  nodes: nodes.length,
  replication: 3,
  register: 'exactly-once',
  changes: { graceMs: 5_000, slotCount },
  clients: 2,
  keys,
  during: inSequence(
    pause(700),
    together(
      raise(20, changeOperation(keys), exponential(150)),
      raise(12, refresh(slotCount), constant(250)),
      raise(9, absence, exponential(300)),
      raise(6, gap, exponential(500)),
    ),
  ),
  afterwards: raise(4, changeOperation(keys), exponential(20)),
  weather: { ...calm, latencyMs: 60, loss: 0.2 },
  patienceMs: 60_000,
};

export function absencesRun(seed: string): Outcome {
  return new Simulation(scenario, seed).run();
}
