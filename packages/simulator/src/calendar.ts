import type { Random } from '@jbstore/core';

import { Lane, type Schedule } from './lane';
import type { Order } from './plan';

/** How many tasks may run at one moment for each lane, before they are called a livelock. */
const mostTasksPerLane = 20_000;

/**
 * The time that passes for all, and whose turn it is: of the lanes with something due, one that the
 * order of the plan picks. Either each with the same chance, or by priorities that change at a few
 * drawn moments, which finds a bug of depth d with a known chance (probabilistic concurrency testing,
 * Burckhardt, Kothari, Musuvathi, Nagarakatte 2010).
 */
export class Calendar implements Schedule {
  nowMs = 0;
  nextMs = new Float64Array(16);
  /** Tasks that have run. */
  tasks = 0;
  /** Has the first turn at every moment: what the world itself does. */
  readonly world: Lane;
  /** By their places: the dead stay, and are never due. */
  readonly #lanes: Lane[] = [];
  /** Those whose turn it may be, in the first places. */
  readonly #due: Lane[] = [];
  #dueLanes = 0;
  readonly #random: Random;
  readonly #order: Order;
  /** The higher, the sooner. */
  readonly #priorities = new Map<Lane, number>();
  #lowest = 0;
  #tasksNow = 0;

  constructor(order: Order, random: Random) {
    this.#order = order;
    this.#random = random;
    this.world = this.lane('world');
  }

  /** A lane for a new process. */
  lane(name: string): Lane {
    const place = this.#lanes.length;
    if (place === this.nextMs.length) {
      const former = this.nextMs;
      this.nextMs = new Float64Array(2 * place);
      this.nextMs.set(former);
    }
    const lane = new Lane(name, this, place, () => this.#random.bits32() % 2 === 0);
    this.#lanes.push(lane);
    this.#priorities.set(lane, this.#random.float());
    return lane;
  }

  /** `lane` is dead. */
  remove(lane: Lane): void {
    lane.kill();
    this.#priorities.delete(lane);
  }

  /**
   * Runs the next task that is due until `endMs`, and moves the time to it.
   * @returns whose task it was; undefined if there was none
   */
  step(endMs: number): Lane | undefined {
    const nextMs = this.#findDue();
    if (nextMs > endMs || nextMs === Infinity) return undefined;
    this.#tasksNow = nextMs > this.nowMs ? 1 : this.#tasksNow + 1;
    this.nowMs = nextMs;
    this.tasks += 1;
    const lane = this.#pick();
    lane.run();
    return lane;
  }

  /** Tasks keep making tasks without letting time pass. */
  get livelocked(): boolean {
    return this.#tasksNow > mostTasksPerLane * this.#lanes.length;
  }

  #findDue(): number {
    const { nowMs, nextMs } = this;
    const lanes = this.#lanes;
    let earliestMs = Infinity;
    let count = 0;
    for (let place = 0; place < lanes.length; place += 1) {
      const laneMs = nextMs[place] ?? Infinity;
      const atMs = laneMs > nowMs ? laneMs : nowMs;
      if (atMs > earliestMs) continue;
      if (atMs < earliestMs) count = 0;
      earliestMs = atMs;
      this.#due[count] = lanes[place] ?? this.world;
      count += 1;
    }
    this.#dueLanes = count;
    return earliestMs;
  }

  #pick(): Lane {
    const [first = this.world] = this.#due;
    if (this.#dueLanes === 1 || first === this.world) return first;
    if (this.#order.kind === 'random') {
      return this.#due[this.#random.int(this.#dueLanes)] ?? first;
    }
    let highest = first;
    for (let index = 1; index < this.#dueLanes; index += 1) {
      const other = this.#due[index] ?? first;
      if (this.#priorityOf(other) > this.#priorityOf(highest)) highest = other;
    }
    if (this.#order.changes.includes(this.tasks)) {
      this.#lowest -= 1;
      this.#priorities.set(highest, this.#lowest);
    }
    return highest;
  }

  #priorityOf(lane: Lane): number {
    return this.#priorities.get(lane) ?? 0;
  }
}
