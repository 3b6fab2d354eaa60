import type { Random } from '@jbstore/core';

import type { CrashAction, CutShape, Direction } from './plan';
import type { Cast, Draw } from './raising';

/** A put or a get, each as likely, of any client on any key. */
export const operation: Draw = (random, atMs, { clients, keys }) => ({
  kind: 'operation',
  atMs,
  client: random.pick(clients),
  operation: random.int(2) === 0 ? 'put' : 'get',
  key: random.pick(keys),
});

/** As {@link operation}, of the client at this place. */
export function operationOf(client: string, puts = 0.5): Draw {
  return (random, atMs, { keys }) => ({
    kind: 'operation',
    atMs,
    client,
    operation: random.float() < puts ? 'put' : 'get',
    key: random.pick(keys),
  });
}

/** The client at this place gets `key`. */
export function getOf(client: string, key: string): Draw {
  return (_random, atMs) => ({ kind: 'operation', atMs, client, operation: 'get', key });
}

/** A node dies; mostly another process begins at its place, somewhat later. */
export const nodeCrash: Draw = (random, atMs, { nodes }) => crashOf(random, atMs, nodes);

/** A client dies; another begins at its place, if only when all is healed. */
export const clientCrash: Draw = (random, atMs, { clients }) => crashOf(random, atMs, clients);

function crashOf(random: Random, atMs: number, places: readonly string[]): CrashAction {
  return {
    kind: 'crash',
    atMs,
    place: random.pick(places),
    afterEvents: random.int(40),
    restartMs: random.int(4) === 0 ? null : 10 + random.float() * 1_500,
    identity: 'new',
  };
}

export const nodePause: Draw = (random, atMs, { nodes, clients }) => ({
  kind: 'pause',
  atMs,
  place: random.int(4) === 0 ? random.pick(clients) : random.pick(nodes),
  lastsMs: lasting(random),
});

export const slowness: Draw = (random, atMs, { nodes }) => ({
  kind: 'slowness',
  atMs,
  place: random.pick(nodes),
  lastsMs: lasting(random),
  eventMs: 0.5 + random.float() * 10,
});

/** A clock that jumps by up to a minute, or runs up to twice as fast or half as fast. */
export const clockFault: Draw = (random, atMs, { nodes, clients }) => ({
  kind: 'clock',
  atMs,
  place: random.pick([...nodes, ...clients]),
  lastsMs: lasting(random),
  aheadMs: random.int(2) === 0 ? 0 : random.pick([100, 1_000, 60_000]) * random.float(),
  rate: random.pick([0.5, 0.9, 1, 1.1, 2]),
});

/** Sessions of clients are over by then. */
const hoursMs = 2 * 3_600_000;

/** Two hours pass by the clocks of all nodes, and of some clients. The others stand still, and notice nothing. */
export const hours: Draw = (random, atMs, { nodes, clients }) =>
  [...nodes, ...clients.filter(() => random.int(2) === 0)].map((place) => ({
    kind: 'clock',
    atMs,
    place,
    lastsMs: 0,
    aheadMs: hoursMs,
    rate: 1,
  }));

/** Any of the shapes of cut. */
export const cut: Draw = (random, atMs, cast) => {
  const shape = random.pick(shapes);
  return {
    kind: 'cut',
    atMs,
    lastsMs: lasting(random),
    shape,
    directions: directionsOf(shape, random, cast),
    messages: random.pick(['lost', 'kept'] as const),
  };
};

export const clog: Draw = (random, atMs, cast) => ({
  kind: 'clog',
  atMs,
  lastsMs: lasting(random),
  directions: directionsOf(random.pick(shapes), random, cast),
});

export const slowLink: Draw = (random, atMs, cast) => ({
  kind: 'slow link',
  atMs,
  lastsMs: lasting(random),
  directions: directionsOf(random.pick(['one-way', 'isolation'] as const), random, cast),
  extraMs: 20 + random.float() * 800,
});

export const wrongSuspicion: Draw = (random, atMs, { nodes }) => {
  const [of = '', by = ''] = random.shuffle(nodes);
  return { kind: 'wrong suspicion', atMs, lastsMs: lasting(random), directions: [[of, by]] };
};

/** A node of another cluster, at a place of its own. */
export const stranger: Draw = (random, atMs) => ({
  kind: 'stranger',
  atMs,
  place: `x${String(random.int(3))}`,
  lastsMs: lasting(random),
});

/** One more node of the cluster. */
export const newcomer: Draw = (random, atMs) => ({
  kind: 'newcomer',
  atMs,
  place: `y${String(random.int(3))}`,
  lastsMs: 1_000 + lasting(random),
});

const shapes: readonly CutShape[] = ['split', 'isolation', 'one-way', 'partial', 'ring'];

/** Long enough, mostly, for a suspicion, and short enough for several in a run. */
function lasting(random: Random): number {
  return random.int(3) === 0 ? 20 + random.float() * 200 : 200 + random.float() * 2_500;
}

function directionsOf(shape: CutShape, random: Random, cast: Cast): readonly Direction[] {
  const everybody = random.shuffle([...cast.nodes, ...cast.clients]);
  const nodes = random.shuffle(cast.nodes);
  const [first = '', second = '', third = ''] = nodes;
  switch (shape) {
    case 'split': {
      const some = everybody.slice(0, 1 + random.int(everybody.length - 1));
      const rest = everybody.filter((place) => !some.includes(place));
      return between(some, rest);
    }
    case 'isolation':
      return between(
        [first],
        everybody.filter((place) => place !== first),
      );
    case 'one-way':
      return [[first, second]];
    case 'partial':
      return between([first], [second, third]);
    case 'ring':
      // Each reaches its two neighbours in the ring, and nobody else.
      return nodes.flatMap((node, index) =>
        nodes
          .filter((_, other) => !areNeighbours(index, other, nodes.length))
          .map((other): Direction => [node, other]),
      );
  }
}

function between(some: readonly string[], others: readonly string[]): readonly Direction[] {
  return some.flatMap((one) =>
    others.flatMap((other): readonly Direction[] => [
      [one, other],
      [other, one],
    ]),
  );
}

function areNeighbours(one: number, other: number, count: number): boolean {
  const apart = Math.abs(one - other);
  return apart <= 1 || apart === count - 1;
}
