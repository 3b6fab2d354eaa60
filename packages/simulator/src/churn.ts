import { lastChanges } from './last-look';
import { probesWith } from './probes';
import { changeOperation, countOf, join, leave, refresh, replacement } from './raised-changes';
import {
  clientCrash,
  clog,
  cut,
  hours,
  nodeCrash,
  nodePause,
  slowLink,
  slowness,
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
import { stormy, type Scenario } from './scenario';

const keys = ['a', 'b', 'c'];
/** Only counted up, so that their last values tell how often. */
const counters = ['i', 'j'];
const clients = 4;
const slotCount = 16;
/** How long the nodes have, mostly, to find one another. */
const bootMs = 800;

/** What becomes of the members: each kind in some of the runs, and nothing at all in some. */
const changes = together(
  perhaps(0.5, raiseSome(1, 2, join, exponential(1_200))),
  perhaps(0.4, raiseSome(1, 2, leave, exponential(1_500))),
  perhaps(0.4, raiseSome(1, 2, replacement, exponential(1_500))),
  perhaps(0.4, raiseSome(1, 2, refresh(slotCount), exponential(1_500))),
);

const troubles = together(
  perhaps(0.6, raiseSome(1, 2, nodeCrash, uniform(800, 3_500))),
  perhaps(0.3, raiseSome(1, 2, clientCrash, exponential(1_200))),
  perhaps(0.4, raiseSome(1, 3, nodePause, exponential(1_200))),
  perhaps(0.3, raiseSome(1, 2, slowness, exponential(1_200))),
  perhaps(0.4, raiseSome(1, 4, cut, exponential(1_000))),
  perhaps(0.3, raiseSome(1, 3, clog, exponential(1_000))),
  perhaps(0.3, raiseSome(1, 2, slowLink, exponential(1_200))),
  perhaps(0.4, raiseSome(1, 4, wrongSuspicion, exponential(1_000))),
  perhaps(0.3, raise(1, hours, uniform(200, 3_000))),
);

/** The cluster changes all the time, by plan and by fault, while clients ask for everything there is. */
export const churn: Scenario = {
  name: 'churn',
  about: 'members join, leave, are replaced and crash, under every fault and 200 operations',
  nodes: 4,
  replication: 3,
  register: 'exactly-once',
  changes: { graceMs: 1_000, slotCount },
  clients,
  keys: [...keys, ...counters],
  during: together(
    inSequence(
      perhaps(0.8, pause(bootMs)),
      together(
        raise(90, changeOperation(keys), exponential(45)),
        raise(50, countOf(counters), exponential(80)),
        changes,
        troubles,
      ),
    ),
    perhaps(0.1, raise(1, nodeCrash, uniform(0, bootMs / 2))),
  ),
  afterwards: lastChanges(clients, keys, counters),
  demanded: probesWith('exactly-once', true),
  weather: stormy,
  patienceMs: 120_000,
};
