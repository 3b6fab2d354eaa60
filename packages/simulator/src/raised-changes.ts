import type { Action, OperationAction } from './plan';
import type { Draw } from './raising';

/** Any operation but increment, of any client on any of `keys`; gets and puts are as many as all others. */
export function changeOperation(keys: readonly string[]): Draw {
  return (random, atMs, { clients }) => ({
    kind: 'operation',
    atMs,
    client: random.pick(clients),
    operation: random.pick<OperationAction['operation']>([
      'get',
      'get',
      'put',
      'put',
      'delete',
      'set if absent',
      'set if value',
      'set if version',
    ]),
    key: random.pick(keys),
  });
}

/** A delete of any client on any of `keys`. */
export function deletion(keys: readonly string[]): Draw {
  return (random, atMs, { clients }) => ({
    kind: 'operation',
    atMs,
    client: random.pick(clients),
    operation: 'delete',
    key: random.pick(keys),
  });
}

/** An increment of any client on any of `keys`, or now and then a get. */
export function countOf(keys: readonly string[]): Draw {
  return (random, atMs, { clients }) => ({
    kind: 'operation',
    atMs,
    client: random.pick(clients),
    operation: random.int(4) === 0 ? 'get' : 'increment',
    key: random.pick(keys),
  });
}

/** Where nodes may be which were not there at first. */
const furtherPlaces = ['y0', 'y1', 'y2'];

/** One more node of the cluster. */
export const join: Draw = (random, atMs) => ({
  kind: 'join',
  atMs,
  place: random.pick(furtherPlaces),
});

/** Any node of the cluster leaves. */
export const leave: Draw = (random, atMs, { nodes }) => ({
  kind: 'leave',
  atMs,
  place: random.pick([...nodes, ...furtherPlaces]),
});

/** Another process takes the place of any node. */
export const replacement: Draw = (random, atMs, { nodes }) => ({
  kind: 'replace',
  atMs,
  place: random.pick(nodes),
  by: random.pick(furtherPlaces),
});

/**
 * Two or three of the nodes die for good, mostly at one moment, and some seconds later an operator gives up whoever is
 * dead: what only they had is lost.
 */
export const loss: Draw = (random, atMs, { nodes }) => {
  const dead = random.shuffle(nodes).slice(0, random.int(4) === 0 ? 3 : 2);
  const apartMs = random.int(3) === 0 ? 400 * random.float() : 0;
  const deaths = dead.map((place, index): Action => ({
    kind: 'crash',
    place,
    atMs: atMs + index * apartMs,
    afterEvents: random.int(40),
    restartMs: null,
    identity: 'new',
  }));
  const forcedMs = atMs + 1_500 + random.float() * 2_000;
  return [...deaths, { kind: 'force', atMs: forcedMs, lost: [], beginEmpty: true }];
};

/** Some of `slotCount` slots get a new epoch, all of them in some cases. */
export function refresh(slotCount: number): Draw {
  return (random, atMs) => {
    const slots = Array.from({ length: slotCount }, (_, slot) => slot);
    return { kind: 'refresh', atMs, slots: slots.filter(() => random.int(3) > 0) };
  };
}
