import { lastLook } from './last-look';
import { probesWith } from './probes';
import {
  clientCrash,
  clockFault,
  clog,
  cut,
  newcomer,
  nodeCrash,
  nodePause,
  operation,
  slowLink,
  slowness,
  stranger,
  wrongSuspicion,
} from './raised-faults';
import {
  exponential,
  inSequence,
  pause,
  perhaps,
  raise,
  raiseSome,
  together,
  uniform,
} from './raising';
import { calm, stormy, type Scenario } from './scenario';

const keys = ['a', 'b', 'c', 'd'];
const clients = 8;

/** How long the nodes have, mostly, to find one another before anything is asked or done. */
const bootMs = 800;

const cluster = {
  nodes: 5,
  replication: 3,
  register: 'exactly-once',
  clients,
  keys,
  afterwards: inSequence(
    pause(300),
    together(raise(28, operation, exponential(12)), lastLook(clients, keys)),
  ),
  patienceMs: 120_000,
} as const;

/** Nothing goes wrong. */
export const quiet: Scenario = {
  ...cluster,
  name: 'quiet',
  about: 'five nodes and eight clients, and nothing goes wrong',
  during: inSequence(pause(bootMs), raise(240, operation, exponential(10))),
  weather: calm,
};

/** What may befall processes and links in a run: each kind in half of the runs. */
const troubles = together(
  perhaps(0.5, raiseSome(1, 2, nodeCrash, exponential(1_200))),
  perhaps(0.4, raiseSome(1, 2, clientCrash, exponential(900))),
  perhaps(0.5, raiseSome(1, 3, nodePause, exponential(600))),
  perhaps(0.4, raiseSome(1, 2, slowness, exponential(900))),
  perhaps(0.4, raiseSome(1, 4, clockFault, exponential(600))),
  perhaps(0.6, raiseSome(1, 5, cut, exponential(600))),
  perhaps(0.4, raiseSome(1, 3, clog, exponential(600))),
  perhaps(0.4, raiseSome(1, 3, slowLink, exponential(600))),
  perhaps(0.4, raiseSome(1, 4, wrongSuspicion, exponential(500))),
  perhaps(0.2, raiseSome(1, 2, stranger, exponential(600))),
  perhaps(0.2, raiseSome(1, 2, newcomer, exponential(600))),
);

/** Five nodes, δ = 3, eight clients, 300 operations on four keys, every fault; healed at the end. */
export const standard: Scenario = {
  ...cluster,
  name: 'standard',
  about: 'five nodes, eight clients and 300 operations on four keys, under every fault',
  during: together(
    inSequence(
      perhaps(0.7, pause(bootMs)),
      together(raise(240, operation, exponential(12)), troubles),
    ),
    perhaps(0.1, raise(1, nodeCrash, uniform(0, bootMs / 2))),
  ),
  demanded: probesWith(cluster.register),
  weather: { ...stormy, latencyMs: 50 },
};

/** The same with registers that perform a put at most once. */
export const atMostOnce: Scenario = {
  ...standard,
  name: 'at-most-once',
  about: 'as standard, with registers that perform a put at most once',
  register: 'multi-writer',
  demanded: probesWith('multi-writer'),
};
