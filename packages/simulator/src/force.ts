import { lastChanges } from './last-look';
import { changeOperation, countOf, join, loss, refresh } from './raised-changes';
import { clientCrash, clog, cut, nodePause, slowLink, wrongSuspicion } from './raised-faults';
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

const keys = ['a', 'b', 'c', 'd'];
/** Only counted up, so that their last values tell how often. */
const counters = ['i', 'j'];
const clients = 4;
const slotCount = 16;
const bootMs = 800;

/** Before the loss, or until the operator forces another era, or then: whenever it comes. */
const troubles = together(
  perhaps(0.3, raiseSome(1, 2, join, exponential(1_500))),
  perhaps(0.4, raiseSome(1, 2, refresh(slotCount), exponential(1_500))),
  perhaps(0.3, raiseSome(1, 2, clientCrash, exponential(1_500))),
  perhaps(0.3, raiseSome(1, 2, nodePause, exponential(1_500))),
  perhaps(0.3, raiseSome(1, 3, cut, exponential(1_200))),
  perhaps(0.3, raiseSome(1, 2, clog, exponential(1_500))),
  perhaps(0.3, raiseSome(1, 2, slowLink, exponential(1_500))),
  perhaps(0.3, raiseSome(1, 2, wrongSuspicion, exponential(1_500))),
);

/**
 * Most of a group die for good, and an operator has the others go on. It is a scenario of its own, and no part of churn, as
 * less is promised across eras: what finds a mistake there must not be lost where nothing is forced.
 */
export const force: Scenario = {
  name: 'force',
  about: 'most of a group are lost for good, and an operator has the rest go on in another era',
  nodes: 5,
  replication: 3,
  register: 'exactly-once',
  changes: { graceMs: 1_000, slotCount },
  clients,
  keys: [...keys, ...counters],
  during: inSequence(
    pause(bootMs),
    together(
      raise(110, changeOperation(keys), exponential(60)),
      raise(50, countOf(counters), exponential(130)),
      inSequence(raise(1, loss, uniform(500, 2_500)), pause(4_000)),
      perhaps(0.1, inSequence(pause(5_000), raise(1, loss, uniform(500, 1_500)), pause(4_000))),
      troubles,
    ),
  ),
  afterwards: lastChanges(clients, keys, counters),
  demanded: ['another era began', 'a slot was synchronised', 'a register was merged for a request'],
  weather: stormy,
  patienceMs: 120_000,
};
