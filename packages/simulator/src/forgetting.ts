import { lastLook } from './last-look';
import { changeOperation, deletion, join, leave } from './raised-changes';
import {
  clientCrash,
  clog,
  cut,
  hours,
  nodeCrash,
  nodePause,
  slowLink,
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
import type { Scenario } from './scenario';

const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const clients = 4;
const bootMs = 800;

const troubles = together(
  perhaps(0.2, raiseSome(1, 1, join, exponential(1_200))),
  perhaps(0.2, raiseSome(1, 1, leave, exponential(1_500))),
  perhaps(0.4, raiseSome(1, 2, nodeCrash, uniform(800, 3_500))),
  perhaps(0.3, raiseSome(1, 2, clientCrash, exponential(1_200))),
  perhaps(0.3, raiseSome(1, 2, nodePause, exponential(1_200))),
  perhaps(0.3, raiseSome(1, 3, cut, exponential(1_000))),
  perhaps(0.4, raiseSome(1, 3, clog, exponential(1_000))),
  perhaps(0.3, raiseSome(1, 2, slowLink, exponential(1_200))),
  perhaps(0.3, raiseSome(1, 3, wrongSuspicion, exponential(1_000))),
);

/** Most of what is asked for is deletes, and hours pass, so that slots begin new epochs by themselves to lose tombstones. */
export const forgetting: Scenario = {
  name: 'forgetting',
  about: 'keys are deleted, sessions end, and slots lose their tombstones by themselves',
  nodes: 4,
  replication: 3,
  register: 'exactly-once',
  changes: {
    graceMs: 1_000,
    slotCount: 4,
    collecting: { clockMs: 300, fewestTombstones: 1, refreshMs: 200 },
  },
  clients,
  keys,
  during: inSequence(
    pause(bootMs),
    together(
      raise(70, deletion(keys), exponential(80)),
      raise(90, changeOperation(keys), exponential(60)),
      raise(2, hours, uniform(500, 2_500)),
      perhaps(0.5, troubles),
    ),
  ),
  afterwards: inSequence(
    pause(500),
    together(raise(30, changeOperation(keys), exponential(20)), lastLook(clients, keys)),
  ),
  demanded: ['tombstones were worth an epoch', 'a session was over', 'a view changed'],
  weather: { loss: 0.1, duplication: 0.2, reordering: 0.4, replay: 0.2, latencyMs: 20 },
  patienceMs: 120_000,
};
