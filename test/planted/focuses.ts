import {
  constant,
  exponential,
  inSequence,
  operation,
  operationOf,
  pause,
  raise,
  together,
  type Direction,
  type Draw,
  type Raising,
} from '@jbstore/simulator';

import { focusOf, type Focus } from './focus';

/** Longer than any run. */
const foreverMs = 600_000;

const far = { leastMs: 18, mostMs: 22, stragglers: 0, stragglerMs: 0 };

function operations(count: number, everyMs: number): Raising {
  return raise(count, operation, exponential(everyMs));
}

/** What a node sends to all others but one comes late. */
const lag: Draw = (random, atMs, { nodes }) => {
  const [from = '', , ...others] = random.shuffle(nodes);
  const directions = others.map((to): Direction => [from, to]);
  return lateFor(directions, atMs, random.float());
};

/** What a node other than the first sends to one of the others comes late. */
const lagOfOne: Draw = (random, atMs, { nodes }) => {
  const from = random.pick(nodes.slice(1));
  const to = random.pick(nodes.filter((node) => node !== from));
  return lateFor([[from, to]], atMs, random.float());
};

function lateFor(directions: readonly Direction[], atMs: number, chance: number): ReturnType<Draw> {
  return { kind: 'slow link', atMs, lastsMs: foreverMs, directions, extraMs: 20 + 150 * chance };
}

/** A node is cut off from the other nodes, for about as long as a message takes. */
const flicker: Draw = (random, atMs, { nodes }) =>
  isolation(random.pick(nodes), nodes, atMs, 10 + 50 * random.float());

/** The same node each time. */
const stammer: Draw = (_random, atMs, { nodes }) => isolation(nodes[1] ?? '', nodes, atMs, 40);
const stutter: Draw = (_random, atMs, { nodes }) => isolation(nodes[1] ?? '', nodes, atMs, 10);

function isolation(
  node: string,
  nodes: readonly string[],
  atMs: number,
  lastsMs: number,
): ReturnType<Draw> {
  const directions = nodes
    .filter((other) => other !== node)
    .flatMap((other): readonly Direction[] => [
      [node, other],
      [other, node],
    ]);
  return { kind: 'cut', atMs, lastsMs, shape: 'isolation', messages: 'lost', directions };
}

/** A node other than the first dies, and another process begins at once, under its identity. */
const rebirth: Draw = (random, atMs, { nodes }) => ({
  kind: 'crash',
  atMs,
  place: random.pick(nodes.slice(1)),
  afterEvents: random.int(40),
  restartMs: 5 + 30 * random.float(),
  identity: 'same',
});

/** Any client; few of the operations are puts. */
const mostlyGets: Draw = (random, atMs, cast) =>
  operationOf(random.pick(cast.clients), 0.15)(random, atMs, cast);

const lagging = together(operations(120, 10), raise(2, lag, constant(1)));

export const focuses: readonly Focus[] = [
  focusOf({ name: 'lagging', about: 'two of three nodes are late at another', during: lagging }),
  focusOf({
    name: 'lagging five',
    about: 'as lagging, with five nodes, and every message comes twice',
    nodes: 5,
    during: together(operations(160, 12), raise(2, lag, constant(1))),
    latency: { leastMs: 0.5, mostMs: 1, stragglers: 0, stragglerMs: 0 },
    rates: { duplication: 1 },
  }),
  focusOf({
    name: 'lagging four',
    about: 'as lagging, with four nodes',
    nodes: 4,
    during: lagging,
  }),
  focusOf({
    name: 'impatient',
    about: 'as lagging, with clients that ask the next member very soon, and some loss',
    during: lagging,
    rates: { loss: 0.1 },
    settings: { attemptMs: 50, timeoutMs: 400 },
  }),
  focusOf({
    name: 'impatient once',
    about: 'as impatient, with registers that execute a request once',
    register: 'exactly-once',
    during: lagging,
    rates: { loss: 0.1 },
    settings: { attemptMs: 50, timeoutMs: 2_000 },
  }),
  focusOf({
    name: 'stammering',
    about: 'one node is cut off half of the time, for as long as two messages take',
    during: together(raise(80, mostlyGets, exponential(30)), raise(30, stammer, constant(80))),
    latency: far,
    settings: { heartbeatDelayMs: 5_000, attemptMs: 500, timeoutMs: 400 },
  }),
  focusOf({
    name: 'hurried',
    about: 'as stammering, but quicker; clients wait for as long as a few tries would take',
    during: together(raise(150, mostlyGets, exponential(60)), raise(450, stutter, constant(20))),
    latency: { leastMs: 4, mostMs: 6, stragglers: 0, stragglerMs: 0 },
    settings: { heartbeatDelayMs: 5_000, attemptMs: 500, timeoutMs: 150, tickMs: 10 },
  }),
  focusOf({
    name: 'reborn',
    about: 'nodes die, and come back under the same identity; old messages come again',
    during: inSequence(
      pause(500),
      together(
        operations(150, 8),
        raise(10, rebirth, exponential(120)),
        raise(5, lagOfOne, constant(1)),
      ),
    ),
    latency: { leastMs: 0.5, mostMs: 2, stragglers: 0, stragglerMs: 0 },
    rates: { replay: 1, replayMs: 300 },
    patienceMs: 120_000,
  }),
  focusOf({
    name: 'reborn apart',
    about: 'nodes die, and come back under the same identity; each is cut off now and then',
    during: inSequence(
      pause(500),
      together(
        operations(150, 15),
        raise(15, rebirth, exponential(150)),
        raise(40, flicker, exponential(30)),
      ),
    ),
    latency: { leastMs: 0.5, mostMs: 2, stragglers: 0, stragglerMs: 0 },
    patienceMs: 120_000,
  }),
  focusOf({
    name: 'flickering',
    about: 'all nodes are cut off now and then, for about as long as a message takes',
    during: together(operations(80, 30), raise(80, flicker, exponential(30))),
    latency: far,
    settings: { heartbeatDelayMs: 200, timeoutMs: 400 },
    patienceMs: 5_000,
  }),
  focusOf({
    name: 'one writer',
    about: 'each key has one writer, and nothing goes wrong',
    register: 'single-writer',
    during: operations(20, 10),
  }),
  focusOf({
    name: 'odd values',
    about: 'values that are no text, and empty ones, and nothing goes wrong',
    during: operations(30, 10),
    values: ['', '\xff'],
  }),
];
