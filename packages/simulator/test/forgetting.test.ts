import { positionOf } from '@jbstore/gms/port';

import {
  Simulation,
  calm,
  constant,
  forgetting,
  getOf,
  inSequence,
  pathsNotTaken,
  pause,
  raise,
  type Action,
  type Direction,
  type OperationAction,
  type Outcome,
  type Scenario,
} from '../src';
import type { World } from '../src/invariant';
import { ScenarioLog } from './scenario-log';

const nodes = ['n0', 'n1', 'n2', 'n3'];
const slots = [0, 1, 2, 3];

/** Many keys in each of the four slots, which are deleted, and one that stays. */
const doomed = slots.flatMap((slot) => keysIn(slot, 'k', 8));
const staying = slots.flatMap((slot) => keysIn(slot, 's', 1));
const [revived = ''] = doomed;

function keysIn(slot: number, letter: string, count: number): string[] {
  const keys: string[] = [];
  for (let number = 0; keys.length < count; number += 1) {
    const key = `${letter}${String(number)}`;
    if (positionOf(Buffer.from(key)).charCodeAt(0) >> 6 === slot) keys.push(key);
  }
  return keys;
}

const quiet: Scenario = {
  ...forgetting,
  changes: {
    graceMs: 60_000,
    slotCount: slots.length,
    collecting: { clockMs: 300, fewestTombstones: 3, refreshMs: 1_000 },
  },
  weather: calm,
  keys: [...doomed, ...staying],
  during: pause(9_000),
  afterwards: inSequence(
    pause(1_000),
    raise(1, getOf('c0', revived), constant(5)),
    ...staying.map((key) => raise(1, getOf('c0', key), constant(5))),
  ),
};

function ask(
  client: string,
  atMs: number,
  operation: OperationAction['operation'],
  key: string,
): Action {
  return { kind: 'operation', atMs, client, operation, key, value: `${key} at ${String(atMs)}` };
}

const copiesMs = 8_000;

/** All that goes in these directions comes late. */
function heldUp(atMs: number, directions: readonly Direction[]): Action {
  return { kind: 'clog', atMs, lastsMs: copiesMs - atMs, directions };
}

/** How many tombstones the nodes held when they looked last, one by one. */
function tombstones({ processes }: World): readonly number[] {
  const living = processes.filter(({ alive, place }) => alive && nodes.includes(place));
  return living.map((process) =>
    process.gauges(/^slots\.tombstones$/).reduce((sum, { value }) => sum + value, 0),
  );
}

/** Counts tombstones on the way. */
class Census extends ScenarioLog {
  #watched: World | undefined;
  most: readonly number[] = nodes.map(() => 0);
  beforeCopies: readonly number[] = [];

  override watch(world: World): void {
    super.watch(world);
    this.#watched = world;
  }

  override handled(step: Parameters<ScenarioLog['handled']>[0]): void {
    super.handled(step);
    const now = this.last;
    if (step.atMs < copiesMs) this.beforeCopies = now;
    this.most = this.most.map((count, index) => Math.max(count, now[index] ?? 0));
  }

  get last(): readonly number[] {
    return this.#watched ? tombstones(this.#watched) : [];
  }
}

/** c1 puts once, does not hear that it was done, and asks again; all of which comes when that is long over. */
function lateCopies(): readonly Action[] {
  const toC1 = nodes.map((node): Direction => [node, 'c1']);
  const fromC1 = nodes.map((node): Direction => ['c1', node]);
  return [heldUp(1_995, toC1), ask('c1', 2_000, 'put', revived), heldUp(2_010, fromC1)];
}

const hoursPass = nodes.map((place): Action => {
  return { kind: 'clock', place, atMs: 4_000, aheadMs: 2 * 3_600_000, rate: 1, lastsMs: 0 };
});

/** So its session is younger than those of the others. */
const comesAnew: Action = {
  ...{ kind: 'crash', place: 'c2', atMs: 4_100, afterEvents: 0 },
  ...{ restartMs: 100, identity: 'new' },
};

/** @param isOver - the sessions in which the keys were deleted end, by the clocks of all nodes */
function happen(isOver: boolean, observer: Census): Outcome {
  const actions = [
    ...doomed.map((key, index) => ask('c0', 1_000 + 20 * index, 'put', key)),
    ...lateCopies(),
    ...doomed.map((key, index) => ask('c0', 2_500 + 20 * index, 'delete', key)),
    ...(isOver ? [...hoursPass, comesAnew] : []),
    ...staying.map((key, index) => ask('c2', 4_500 + 20 * index, 'put', key)),
  ];
  const { plan } = new Simulation({ ...quiet, patienceMs: 0 }, '1', { invariants: [] }).run();
  const all = [...plan.actions, ...actions].sort((one, other) => one.atMs - other.atMs);
  const settings = { ...plan.settings, timeoutMs: 20_000 };
  const deadlineMs = plan.deadlineMs + 60_000;
  return new Simulation(quiet, '1', {
    plan: { ...plan, settings, actions: all, deadlineMs },
    observer,
  }).run();
}

describe('S19: keys that were deleted', () => {
  test('are forgotten everywhere, by themselves, when the sessions are over; and no late copy revives one', () => {
    const census = new Census();
    const outcome = happen(true, census);

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
    // Each key is on three of the four nodes.
    expect(census.most).toStrictEqual(nodes.map(() => 24));
    expect(census.beforeCopies).toStrictEqual(nodes.map(() => 0));
    // That a copy was refused is a record as well, on three nodes.
    expect([...census.last].sort()).toStrictEqual([0, 1, 1, 1]);
    const [first] = census.installations;
    const last = census.installations.at(-1);
    expect(last?.view.runs.map(({ group }) => group)).toStrictEqual(
      first?.view.runs.map(({ group }) => group),
    );
    for (const { epoch } of last?.view.runs ?? []) expect(epoch).toBeGreaterThan(1);
    expect(last?.view.number).toBe(2);

    expect(outcome.probes).toMatchObject({ 'tombstones were worth an epoch': 4 });
    expect(outcome.probes['a session was over']).toBeGreaterThan(0);
    expect(census.answersTo(revived, 'get').map(({ found }) => found)).toStrictEqual([null]);
    for (const key of staying) {
      expect(census.answersTo(key, 'get').map(({ found }) => found)).not.toContain(null);
    }
  });

  test('are not, while sessions may come back to them, and the view stays as it is', () => {
    const census = new Census();
    const outcome = happen(false, census);

    expect(outcome).toMatchObject({ verdict: 'passed', failure: undefined });
    expect(census.last).toStrictEqual(nodes.map(() => 24));
    expect(census.installations.at(-1)?.view.number).toBe(1);
    expect(outcome.probes).toMatchObject({ 'tombstones were worth an epoch': 0 });
  });
});

test('slots lose tombstones by themselves under every fault, and soon have done so everywhere', () => {
  const demanded = forgetting.demanded ?? [];
  const outcomes: Outcome[] = [];
  while (
    outcomes.length < 10 ||
    (outcomes.length < 60 && pathsNotTaken(outcomes, demanded).length > 0)
  ) {
    outcomes.push(new Simulation(forgetting, String(outcomes.length + 1)).run());
  }
  const failed = outcomes.filter(({ verdict }) => verdict !== 'passed');

  expect(failed.map(({ seed, failure }) => ({ seed, failure }))).toStrictEqual([]);
  expect(pathsNotTaken(outcomes, demanded)).toStrictEqual([]);
});
