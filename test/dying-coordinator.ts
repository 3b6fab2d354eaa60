import { Message } from '@jbstore/network/port';
import {
  Simulation,
  calm,
  pause,
  type Action,
  type Invariant,
  type Outcome,
  type Plan,
  type Scenario,
} from '@jbstore/simulator';
import { MutateRequest, Value } from '@jbstore/store/port';

import { noTrouble } from './planted/focus';

const key = 'x';
/** These hold it, and the first leads. */
const holders = ['n0', 'n1', 'n2'];
const outsider = 'n3';

const withOutsider: Scenario = {
  name: 'dying-coordinator',
  about: 'who is asked for something dies on the way, and another is asked',
  nodes: holders.length + 1,
  replication: holders.length,
  register: 'exactly-once',
  clients: 2,
  keys: [key],
  during: pause(0),
  afterwards: pause(0),
  weather: calm,
  patienceMs: 0,
};

/** With a small ring, which is quick. Nobody is evicted, as there is nobody to take the place. */
const amongHolders: Scenario = {
  ...withOutsider,
  nodes: holders.length,
  changes: { graceMs: 60_000, slotCount: 4 },
};

/** When a client asks, and reaches the second member; when another client asks for the same, and looks. */
const askMs = 700;
const turnMs = 1_100;
const againMs = 1_600;
const lookMs = 2_400;
/** So much later comes what the first member says, if it comes late: when the other client was answered. */
const lateMs = 1_200;

/** A client asks the member `first` for something, and if it gets no answer, the member `then`. */
export interface Errand {
  readonly operation: 'put' | 'increment';
  readonly first: string;
  readonly then: string;
  /** What `first` says comes late. */
  readonly isLate?: boolean;
}

/** What `first` has to do for an errand, if it lives. */
export interface Course {
  /** The messages that it handles and sends. */
  readonly messages: readonly string[];
  /** How many events it has handled right before each of them, and right after. */
  readonly boundaries: readonly number[];
}

/** What became of an errand, and of another client's who asks for the same behind it. */
export interface Ending {
  /** Undefined if the run passed. */
  readonly failure: string | undefined;
  readonly answered: number;
  /** What is there at the end: `2`, if each was performed once. */
  readonly value: string | undefined;
  /** How often it was changed: twice, if each was performed once. */
  readonly version: number | undefined;
  /** The member `then` was asked, before anybody else asked for anything. */
  readonly wasRepeated: boolean;
}

const ofRequests = /^(slot-register|store)\/(?!Open)/;

export function courseOf(errand: Errand): Course {
  const messages: string[] = [];
  const boundaries = new Set<number>();
  run(errand, Infinity, (place, handled, event, atMs) => {
    if (place !== errand.first || atMs < askMs || atMs > againMs) return;
    if (!(event instanceof Message) || !ofRequests.test(event.declaration.type)) return;
    messages.push(event.declaration.type);
    boundaries.add(handled - 1).add(handled);
  });
  return { messages, boundaries: [...boundaries] };
}

/** The member `first` dies when it has handled so many events. */
export function endingOf(errand: Errand, events: number): Ending {
  let last: Value | undefined;
  let wasRepeated = false;
  const { failure, operations } = run(errand, events, (place, _handled, event, atMs) => {
    if (event instanceof Value) last = event;
    if (event instanceof MutateRequest && place === errand.then) wasRepeated ||= atMs < againMs;
  });
  return {
    failure: failure && `${failure.kind}: ${failure.what}`,
    answered: operations.ok,
    value: last && Buffer.from(last.value).toString('latin1'),
    version: last?.version,
    wasRepeated,
  };
}

type See = (place: string, handled: number, event: object, atMs: number) => void;

function run(errand: Errand, events: number, see: See): Outcome {
  const witness: Invariant = {
    name: 'a witness',
    check: (_world, { process, event, atMs }) => {
      see(process.place, process.handled, event, atMs);
      return undefined;
    },
  };
  const hasOutsider = errand.first === outsider || errand.then === outsider;
  const nodes = hasOutsider ? [...holders, outsider] : holders;
  const plan = planOf(errand, nodes, events);
  const scenario = hasOutsider ? withOutsider : amongHolders;
  return new Simulation(scenario, 'dying', { plan, invariants: [() => witness] }).run();
}

function planOf(
  { operation, first, then, isLate }: Errand,
  nodes: readonly string[],
  events: number,
): Plan {
  const others = nodes.filter((node) => node !== first);
  const ask = (client: string, atMs: number, value: string): Action => {
    const asked = { kind: 'operation', client, atMs, operation, key } as const;
    return operation === 'put' ? { ...asked, value } : asked;
  };
  const actions: readonly Action[] = [
    { kind: 'crash', atMs: 0, place: first, afterEvents: events, restartMs: null, identity: 'new' },
    ...others.map((node) => unreachable(node, node === then ? turnMs : lookMs)),
    {
      kind: 'slow link',
      atMs: askMs,
      lastsMs: lookMs - askMs,
      extraMs: isLate ? lateMs : 0,
      directions: ['c0', ...others].map((place) => [first, place] as const),
    },
    ask('c0', askMs, '1'),
    ask('c1', againMs, '2'),
    { kind: 'operation', client: 'c1', atMs: lookMs, operation: 'get', key },
  ];
  return {
    order: { kind: 'random' },
    latency: { leastMs: 0.5, mostMs: 2, stragglers: 0, stragglerMs: 0 },
    rates: { ...noTrouble, noticedMs: 50 },
    settings: quick,
    actions,
    healAtMs: lookMs,
    deadlineMs: 10_000,
  };
}

/** The first client does not reach `node` until then. */
function unreachable(node: string, untilMs: number): Action {
  const atMs = 500;
  return {
    kind: 'cut',
    shape: 'partial',
    messages: 'lost',
    atMs,
    lastsMs: untilMs - atMs,
    directions: [
      ['c0', node],
      [node, 'c0'],
    ],
  };
}

/** Processes that lose no time. */
export const quick: Plan['settings'] = {
  heartbeatDelayMs: 200,
  heartbeatIncreaseMs: 50,
  attemptMs: 50,
  timeoutMs: 5_000,
  tickMs: 50,
};
