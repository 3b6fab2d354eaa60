import { VirtualHost } from '@jbstore/core';

import { Chaos } from './chaos';
import { omissionsOf } from './coverage';
import { Memory, type MemoryFigures } from './memory';
import { Plant } from './plant';

export interface SoakOptions {
  readonly seed: string;
  /** How many events are sent, at least. */
  readonly events: number;
  /** Told now and then how many events have been sent. */
  readonly onProgress?: (events: number) => void;
  /** Stops early, as if so many events had been asked for as were sent until then. */
  readonly signal?: AbortSignal;
  /** Runs before each round: a test does harm here. */
  readonly onRound?: (plant: Plant, round: number) => void;
}

/** What a soak came to. */
export interface Outcome {
  readonly seed: string;
  readonly plant: Plant;
  readonly memory: MemoryFigures | undefined;
  /** What is wrong; nothing is. */
  readonly problems: readonly string[];
}

/** The books are closed, and memory is looked at, so often in a run: less often in a short one. */
const mostChecks = 50;
const eventsPerCheck = 100_000;

/** The most items that a source makes in one round. */
const mostItems = 256;

/** Rest must come within so much virtual time: longer than any time-out, and than any chain of them. */
const longestRestMs = 2_000;

/** Runs the plant and its chaos until so many events have been sent, and closes the books. */
export class Soak {
  readonly #options: SoakOptions;
  readonly #host = new VirtualHost();
  readonly #plant: Plant;
  readonly #chaos: Chaos;
  readonly #memory = new Memory();
  #rounds = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#plant = new Plant(this.#host, options.seed);
    this.#chaos = new Chaos(this.#plant);
  }

  async run(): Promise<Outcome> {
    const { events, signal, onProgress, seed } = this.#options;
    const { account, system } = this.#plant;
    system.terminated.catch(() => undefined);
    this.#chaos.settle();
    system.start().catch(() => undefined);
    const checks = Math.min(mostChecks, Math.ceil(events / eventsPerCheck));
    for (let check = 1; check <= checks; check += 1) {
      while (account.events < (events * check) / checks && !signal?.aborted) {
        await this.#round();
        onProgress?.(account.events);
        if (account.complaints.length > 0) break;
      }
      await this.#rest();
      this.#check();
      this.#memory.sample();
      if (account.complaints.length > 0 || signal?.aborted) break;
    }
    const memory = this.#memory.figures;
    const problems = [...account.complaints];
    if (problems.length === 0 && !signal?.aborted) {
      problems.push(...omissionsOf(account.actions, account.events));
    }
    if (memory && !memory.flat) problems.push('the heap grew');
    await this.#end();
    return { seed, plant: this.#plant, memory, problems };
  }

  /** Some items, and what is done to the plant while they pass. */
  async #round(): Promise<void> {
    const { random } = this.#plant;
    this.#rounds += 1;
    this.#options.onRound?.(this.#plant, this.#rounds);
    this.#plant.pulse(1 + random.int(mostItems));
    this.#plant.tide.turn();
    await turnOfTheEventLoop();
    const calm = Math.min(20, Math.max(4, Math.round(this.#options.events / 400_000)));
    let tasks = 1 + random.int(calm);
    while (this.#isDue) {
      this.#host.step();
      tasks -= 1;
      if (tasks > 0) continue;
      this.#chaos.act();
      tasks = 1 + random.int(calm);
    }
    this.#chaos.endRound();
    this.#host.advance(1);
    await turnOfTheEventLoop();
  }

  get #isDue(): boolean {
    const { nextMs } = this.#host;
    return nextMs !== undefined && nextMs <= this.#host.now();
  }

  /** Lets all that is under way come to its end. */
  async #rest(): Promise<void> {
    const { account } = this.#plant;
    const endMs = this.#host.now() + longestRestMs;
    while (this.#host.now() < endMs) {
      this.#chaos.settle();
      const { nextMs = this.#host.now() } = this.#host;
      this.#host.advance(Math.max(1, nextMs - this.#host.now()));
      await turnOfTheEventLoop();
      if (this.#host.nextMs === undefined && this.#plant.pending === 0) return;
    }
    account.complain(`the plant did not rest within ${longestRestMs} ms`);
  }

  #check(): void {
    const { account, posts, system, layout } = this.#plant;
    for (const post of posts) post.settle();
    account.balance();
    const { components, channels } = system.graph();
    for (const { path, state, queuedEvents } of components) {
      if (queuedEvents > 0) account.complain(`${path}: ${queuedEvents} events wait`);
      if (state !== 'started' && !isOutside(path)) account.complain(`${path} is ${state}`);
    }
    const clerks = layout.clerks.filter(({ alive }) => alive).length;
    const joined = layout.joints.reduce((sum, joint) => sum + joint.channels, 0);
    const expected = joined + clerks + layout.sources.length;
    if (channels.length !== expected) {
      account.complain(`${channels.length} channels, of which ${expected} are known`);
    }
  }

  async #end(): Promise<void> {
    const killed = this.#plant.system.kill();
    this.#host.advance(1);
    await killed.catch(() => undefined);
  }
}

function isOutside(path: string): boolean {
  return path.endsWith('/outside');
}

/** Promises that are settled have been seen to afterwards. */
function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
