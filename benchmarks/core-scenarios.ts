import { setTimeout as delay } from 'node:timers/promises';

import type { CoreSubject, Tap } from './core-subject';
import { verify } from './harness';

/** What is measured of every runtime. */
export interface Scenario {
  readonly name: string;
  readonly unit: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly variantOf?: string;
  begin(subject: CoreSubject, pace: Pace): Measurement;
}

/** A scenario with a subject. */
export interface Measurement {
  /** Runs until the code is compiled, and learns how much is work enough. */
  prepare(): Promise<void>;
  measure(): Promise<number>;
}

/** How long things take. */
export interface Pace {
  readonly warmUpMs: number;
  readonly runMs: number;
  /** Of each of two loops, one idle and one saturated. */
  readonly loopMs: number;
  readonly components: number;
}

export const wholePace: Pace = { warmUpMs: 500, runMs: 400, loopMs: 1_000, components: 10_000 };
export const quickPace: Pace = { warmUpMs: 10, runMs: 20, loopMs: 100, components: 500 };

const pingPong = 'ping-pong';
const tickMs = 5;

export const scenarios: readonly Scenario[] = [
  exchange(pingPong, 1),
  exchange('10 in flight', 10),
  exchange('500 in flight', 500),
  fanOut(10),
  fanOut(100),
  ring(100),
  ring(1_000),
  { ...exchange('ping-pong, channel tapped', 1, 'channel'), variantOf: pingPong },
  { ...exchange('ping-pong, port tapped', 1, 'port'), variantOf: pingPong },
  {
    ...{ name: 'ticks under saturation', unit: '% of an idle loop', parameters: { tickMs } },
    begin: (subject, { loopMs }) => ({
      prepare: () => Promise.resolve(),
      measure: () => shareOfTicks(subject, loopMs),
    }),
  },
  {
    ...{ name: 'creation', unit: 'thousand components/s', parameters: {} },
    begin: (subject, pace) => ({
      prepare: async () => {
        await creationRate(subject, pace.components, pace.warmUpMs);
      },
      measure: () => creationRate(subject, pace.components, pace.runMs),
    }),
  },
  {
    ...{ name: 'idle component', unit: 'bytes', parameters: {} },
    begin: (subject, { components }) => ({
      prepare: async () => {
        await idleBytes(subject, 10);
      },
      measure: () => idleBytes(subject, components),
    }),
  },
];

function exchange(name: string, inFlight: number, tap?: Tap): Scenario {
  const work: Work = (subject, rounds) => subject.exchange(rounds, inFlight, tap);
  return rate(name, { inFlight }, 2, work);
}

function fanOut(width: number): Scenario {
  const work: Work = (subject, rounds) => subject.fanOut(width, rounds);
  return rate(`fan-out 1 to ${width}`, { width }, width, work);
}

function ring(size: number): Scenario {
  return rate(`ring of ${size}`, { size }, 1, (subject, events) => subject.ring(size, events));
}

type Work = (subject: CoreSubject, rounds: number) => Promise<number>;

/** How many events a second `work` handles, of which each round has `eventsPerRound`. */
function rate(
  name: string,
  parameters: Readonly<Record<string, number>>,
  eventsPerRound: number,
  work: Work,
): Scenario {
  const timed = async (subject: CoreSubject, rounds: number): Promise<number> => {
    const beganMs = performance.now();
    const done = await work(subject, rounds);
    const tookMs = performance.now() - beganMs;
    verify(name, done, rounds * eventsPerRound);
    return tookMs;
  };
  const begin = (subject: CoreSubject, { warmUpMs, runMs }: Pace): Measurement => {
    let rounds = Math.ceil(1_000 / eventsPerRound);
    return {
      prepare: async () => {
        let tookMs = await timed(subject, rounds);
        while (tookMs < warmUpMs) {
          rounds *= 2;
          tookMs = await timed(subject, rounds);
        }
        // A first run says little: it was compiled, and where rounds are few, making the components
        // took most of its time.
        do {
          rounds = Math.ceil((rounds * runMs) / tookMs);
          tookMs = await timed(subject, rounds);
        } while (tookMs < runMs / 2);
      },
      measure: async () => (rounds * eventsPerRound) / (await timed(subject, rounds)) / 1_000,
    };
  };
  return { name, unit: 'million events/s', parameters, begin };
}

/** How many ticks come while the subject never rests, of those that come while nothing runs. */
async function shareOfTicks(subject: CoreSubject, loopMs: number): Promise<number> {
  const idle = new Ticks();
  await delay(loopMs);
  idle.stop();

  let saturated: Ticks | undefined;
  let endMs = 0;
  await subject.saturate(() => {
    if (saturated === undefined) {
      // Not sooner: a subject may come back to the event loop while it is made.
      saturated = new Ticks();
      endMs = performance.now() + loopMs;
    }
    if (performance.now() < endMs) return false;
    // What comes when the subject rests again comes too late.
    saturated.stop();
    return true;
  });
  return (100 * (saturated?.count ?? 0)) / idle.count;
}

class Ticks {
  count = 0;
  readonly #interval = setInterval(() => (this.count += 1), tickMs);

  stop(): void {
    clearInterval(this.#interval);
  }
}

/** Makes batches until they have taken `longMs` together; ending them is not counted. */
async function creationRate(
  subject: CoreSubject,
  components: number,
  longMs: number,
): Promise<number> {
  let tookMs = 0;
  let made = 0;
  while (tookMs < longMs) {
    const beganMs = performance.now();
    const idle = await subject.createIdle(components);
    tookMs += performance.now() - beganMs;
    verify('creation', idle.made, components);
    made += components;
    await idle.end();
  }
  return made / tookMs;
}

async function idleBytes(subject: CoreSubject, components: number): Promise<number> {
  const before = heapBytes();
  const idle = await subject.createIdle(components);
  const bytes = heapBytes() - before;
  verify('creation', idle.made, components);
  await idle.end();
  return bytes / components;
}

function heapBytes(): number {
  if (!globalThis.gc) throw new Error('run node with --expose-gc');
  for (let round = 0; round < 4; round += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
