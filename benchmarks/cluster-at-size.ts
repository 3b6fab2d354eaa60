import { firstView, groupOf, positionOf, type View } from '@jbstore/gms/port';
import { Simulation, calm, pause, type Action, type Plan, type Scenario } from '@jbstore/simulator';

import { ClusterAccount, type Phase } from './cluster-account';
import { verify } from './harness';
import { addressesOf } from './ring-balance';

/** What a cluster did, by virtual time and by what was sent. */
export interface ClusterFigures {
  readonly heartbeatsPerNodeAndPeriod: number;
  /** All messages but heartbeats, those from and to the client included. */
  readonly messagesPerPut: number;
  readonly messagesPerGet: number;
  /** Undefined if no node was replaced. */
  readonly replacement: ReplacementFigures | undefined;
}

interface ReplacementFigures {
  /** From the crash of a node until there is a view without it. */
  readonly evictedMs: number;
  /** From the crash until all of its slots are known to be settled with its successor. */
  readonly settledMs: number;
  /** How much of the ring has moved. */
  readonly shareOfSlots: number;
  /** All that moved the records, over the keys and values that the dead node held. */
  readonly bytesMovedPerByteHeld: number;
  /** To agree on the views and to spread them, among the nodes and to the client. */
  readonly viewMessagesPerNode: number;
  readonly viewBytesPerNode: number;
}

/** What is the same in all sizes; the table tells it. */
export const parameters = {
  replication: 3,
  keys: 200,
  valueBytes: 1_000,
  heartbeatMs: 500,
  graceMs: 2_000,
  leastLatencyMs: 0.1,
  mostLatencyMs: 0.2,
} as const;

/** Whom to replace: it is not in the council, so that nobody has to find another leader first. */
const victim = 8;
const quietAtMs = 500;
const quietMs = 1_000;
const putsAtMs = quietAtMs + quietMs;
/** More than the operations take. */
const operationsMs = 500;
const getsAtMs = putsAtMs + operationsMs;
const crashAtMs = getsAtMs + operationsMs;
/** Another process comes when the dead one is suspected. */
const joinAtMs = crashAtMs + 1_500;
const replacedAtMs = crashAtMs + parameters.graceMs + 2_500;

/**
 * Simulates a cluster of so many nodes with the heartbeats of production: it boots, has nothing to do, and is asked
 * by one client for puts and gets of keys that one of its nodes holds. Then, if it is to, it loses that node, and has
 * another one in its place.
 */
export function clusterAtSize(nodes: number, isToReplace: boolean): ClusterFigures {
  const keys = keysHeldBy(victim, nodes);
  const account = new ClusterAccount(phaseAt);
  // The invariants of the simulator are for its sweeps: at this size they would take longer than the cluster does.
  const options = { plan: planOf(nodes, keys, isToReplace), observer: account, invariants: [] };
  const scenario = scenarioOf(nodes, keys);
  const { verdict, failure, operations } = new Simulation(scenario, 'at size', options).run();
  if (verdict !== 'passed') throw new Error(`${nodes} nodes: ${failure?.what ?? verdict}`);
  verify(`${nodes} nodes, operations`, operations.ok, 2 * keys.length);
  const heartbeats = account.trafficOf('quiet', 'heartbeats').messages;
  const messagesPer = (phase: Phase): number =>
    (account.trafficOf(phase, 'views').messages + account.trafficOf(phase, 'other').messages) /
    keys.length;
  return {
    heartbeatsPerNodeAndPeriod: (heartbeats * parameters.heartbeatMs) / quietMs / nodes,
    messagesPerPut: messagesPer('puts'),
    messagesPerGet: messagesPer('gets'),
    replacement: isToReplace ? replacementOf(account, nodes, keys) : undefined,
  };
}

function phaseAt(atMs: number): Phase {
  if (atMs < quietAtMs) return 'boot';
  if (atMs < putsAtMs) return 'quiet';
  if (atMs < getsAtMs) return 'puts';
  return atMs < crashAtMs ? 'gets' : 'replacement';
}

function replacementOf(
  account: ClusterAccount,
  nodes: number,
  keys: readonly string[],
): ReplacementFigures {
  const dead = addressesOf(nodes)[victim];
  const without = account.views.find(({ view: { members } }) =>
    members.every(({ address, state }) => address !== dead || state === 'evicted'),
  );
  const { slots, settledMs } = account.moved;
  if (!without || settledMs === undefined) throw new Error(`${nodes} nodes: one is not replaced`);
  const views = account.trafficOf('replacement', 'views');
  const heldBytes = keys.reduce((sum, key) => sum + key.length + parameters.valueBytes, 0);
  const movedBytes = account.trafficOf('replacement', 'transfer').bytes;
  return {
    evictedMs: without.atMs - crashAtMs,
    settledMs: settledMs - crashAtMs,
    shareOfSlots: slots / without.view.slotCount,
    bytesMovedPerByteHeld: movedBytes / heldBytes,
    viewMessagesPerNode: views.messages / nodes,
    viewBytesPerNode: views.bytes / nodes,
  };
}

function scenarioOf(nodes: number, keys: readonly string[]): Scenario {
  const { replication, graceMs } = parameters;
  const { slotCount } = viewOf(nodes);
  return {
    ...{ name: 'at-size', about: 'one node of many is replaced', nodes, clients: 1, keys },
    ...{ replication, register: 'exactly-once', changes: { graceMs, slotCount } },
    ...{ during: pause(0), afterwards: pause(0), weather: calm, patienceMs: 0 },
  };
}

function planOf(nodes: number, keys: readonly string[], isToReplace: boolean): Plan {
  const { leastLatencyMs: leastMs, mostLatencyMs: mostMs, heartbeatMs } = parameters;
  const healAtMs = isToReplace ? replacedAtMs : crashAtMs;
  return {
    order: { kind: 'random' },
    latency: { leastMs, mostMs, stragglers: 0, stragglerMs: 0 },
    rates: {
      ...{ loss: 0, noticedMs: 0, duplication: 0, reordering: 0, reorderingMs: 0 },
      ...{ replay: 0, replayMs: 0 },
    },
    settings: {
      ...{ heartbeatDelayMs: heartbeatMs, heartbeatIncreaseMs: 250 },
      ...{ attemptMs: 500, tickMs: 100, timeoutMs: 5_000 },
    },
    actions: [...operationsOn(keys), ...(isToReplace ? replacementBy(`n${nodes}`) : [])],
    healAtMs,
    deadlineMs: healAtMs + 60_000,
  };
}

/** Each key is put, and then got, by one client. */
function operationsOn(keys: readonly string[]): readonly Action[] {
  const kind = 'operation';
  const client = 'c0';
  return [
    ...keys.map((key, number): Action => {
      const value = `${number} `.padEnd(parameters.valueBytes, '.');
      return { kind, atMs: putsAtMs, client, operation: 'put', key, value };
    }),
    ...keys.map((key): Action => ({ kind, atMs: getsAtMs, client, operation: 'get', key })),
  ];
}

function replacementBy(place: string): readonly Action[] {
  const death = { afterEvents: 1, restartMs: null, identity: 'new' } as const;
  return [
    { kind: 'crash', atMs: crashAtMs, place: `n${victim}`, ...death },
    { kind: 'join', atMs: joinAtMs, place },
  ];
}

function keysHeldBy(place: number, nodes: number): readonly string[] {
  const view = viewOf(nodes);
  const member = addressesOf(nodes)[place];
  const keys: string[] = [];
  for (let number = 0; keys.length < parameters.keys; number += 1) {
    const key = `key ${number}`;
    const group = groupOf(view, positionOf(Buffer.from(key)));
    if (group.some((address) => address === member)) keys.push(key);
  }
  return keys;
}

/** As the nodes will decide it. */
function viewOf(nodes: number): View {
  const { replication } = parameters;
  const settings = { clusterId: 'simulated', replication, register: 'exactly-once' } as const;
  return firstView(settings, addressesOf(nodes));
}
