import { Queue, invariant, type Host } from '@jbstore/core';

import { TaskHeap, type Task } from './task-heap';

/** Says, of two kinds of tasks that are due, whether the first goes first. */
export type Coin = () => boolean;

/**
 * The time that passes for all, and when each lane has something to do: in one array, which is looked through
 * for every task.
 */
export interface Schedule {
  readonly nowMs: number;
  /** By the places of the lanes: perhaps in the past; Infinity if never. */
  readonly nextMs: Float64Array;
}

/** What every wall clock shows when a run begins. */
const firstWallTimeMs = Date.UTC(2016, 2, 7);

const nothing = (): void => undefined;

/**
 * What one process has to do, in its own order, on its own clock: the {@link Host} of its system. Other
 * processes have their lanes; the calendar says whose turn is next.
 *
 * A lane can be paused, slow or dead, and its clock can run fast, slow, or ahead.
 */
export class Lane implements Host {
  /** How long one task keeps the process busy. */
  taskMs = 0;
  /** No task of it runs before. */
  #notBeforeMs = 0;
  #dead = false;
  readonly #timed = new TaskHeap();
  readonly #soon = new Queue<() => void>();
  readonly #world: Schedule;
  readonly #place: number;
  readonly #coin: Coin;
  #order = 0;
  #clock = { sinceMs: 0, ownMs: 0, rate: 1 };

  /** @param place - in the schedule of `world`, for good */
  constructor(
    readonly name: string,
    world: Schedule,
    place: number,
    coin: Coin,
  ) {
    this.#world = world;
    this.#place = place;
    this.#coin = coin;
    this.#nextMs = Infinity;
  }

  /** The time by the clock of this process. */
  now(): number {
    const { sinceMs, ownMs, rate } = this.#clock;
    return ownMs + (this.#world.nowMs - sinceMs) * rate;
  }

  wallTimeMs(): number {
    return firstWallTimeMs + this.now();
  }

  after(delayMs: number, task: () => void): () => void {
    invariant(!Number.isNaN(delayMs), 'a delay is a number of milliseconds');
    const dueMs = this.now() + Math.max(0, delayMs);
    const entry = this.#add(this.#momentOf(dueMs), task, dueMs);
    return () => {
      entry.cancelled = true;
      entry.run = nothing;
    };
  }

  soon(task: () => void): void {
    if (this.#dead) return;
    this.#soon.push(task);
    this.#nextMs = this.#notBeforeMs;
  }

  afterIo(task: () => void): void {
    this.soon(task);
  }

  /** How many tasks there are, those of the future included. */
  get waiting(): number {
    return this.#soon.length + this.#timed.size;
  }

  /** Runs `task` at a moment of the time that passes for all: something comes from outside. */
  at(atMs: number, task: () => void): void {
    this.#add(Math.max(atMs, this.#world.nowMs), task, undefined);
  }

  /** Does one thing that is due. */
  run(): void {
    const { nowMs } = this.#world;
    const timed = this.#timed.first;
    const isTimed =
      timed !== undefined && timed.atMs <= nowMs && (this.#soon.length === 0 || this.#coin());
    if (this.taskMs > 0) this.#notBeforeMs = nowMs + this.taskMs;
    if (isTimed) this.#timed.pop()?.run();
    else this.#soon.shift()?.();
    this.#lookAhead();
  }

  /** It does nothing before then. */
  pauseUntil(untilMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, untilMs);
    this.#lookAhead();
  }

  /** It is neither paused nor slow any more, and its clock runs as it should. */
  heal(): void {
    this.#notBeforeMs = this.taskMs = 0;
    this.setClock(1);
  }

  /** From now on its clock runs at `rate`, and is `aheadMs` further. It never goes back. */
  setClock(rate: number, aheadMs = 0): void {
    invariant(rate > 0 && aheadMs >= 0, 'a clock goes on');
    const ownMs = this.now() + aheadMs;
    this.#clock = { sinceMs: this.#world.nowMs, ownMs, rate };
    this.#timed.retime(({ atMs, dueMs }) => (dueMs === undefined ? atMs : this.#momentOf(dueMs)));
    this.#lookAhead();
  }

  /** Nothing of it runs any more. */
  kill(): void {
    this.#dead = true;
    this.#nextMs = Infinity;
  }

  get #nextMs(): number {
    return this.#world.nextMs[this.#place] ?? Infinity;
  }

  set #nextMs(atMs: number) {
    this.#world.nextMs[this.#place] = atMs;
  }

  #momentOf(dueMs: number): number {
    const { sinceMs, ownMs, rate } = this.#clock;
    return Math.max(this.#world.nowMs, sinceMs + (dueMs - ownMs) / rate);
  }

  #add(atMs: number, run: () => void, dueMs: number | undefined): Task {
    const task = { atMs, order: (this.#order += 1), dueMs, run, cancelled: false };
    if (this.#dead) return task;
    this.#timed.push(task);
    this.#nextMs = Math.max(Math.min(this.#nextMs, atMs), this.#notBeforeMs);
    return task;
  }

  #lookAhead(): void {
    const atMs = this.#soon.length > 0 ? 0 : (this.#timed.first?.atMs ?? Infinity);
    this.#nextMs = this.#dead ? Infinity : Math.max(atMs, this.#notBeforeMs);
  }
}
