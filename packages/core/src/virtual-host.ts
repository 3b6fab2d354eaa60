import { RuntimeError, invariant } from './errors';
import type { Host } from './host';

/** Tasks that keep making tasks without letting time pass. */
export class LivelockError extends RuntimeError {
  override readonly code = 'ERR_LIVELOCK';

  constructor(
    readonly nowMs: number,
    readonly tasks: number,
  ) {
    const ran = `${String(tasks)} tasks ran at ${String(nowMs)} ms`;
    super(`${ran} and there are more: find what makes them, and let time pass there`);
  }
}

interface Task {
  readonly atMs: number;
  readonly order: number;
  run: () => void;
  cancelled: boolean;
}

/** What the wall clock shows at first: any day will do, and this one is the report's. */
const firstWallTimeMs = Date.UTC(2016, 2, 7);

const nothing = (): void => undefined;

/**
 * A {@link Host} whose time passes only when told to. Tasks run in order of time, then in the order
 * in which they were made, so the same inputs give the same run. Several systems may share one.
 */
export class VirtualHost implements Host {
  readonly #heap: Task[] = [];
  #nowMs = 0;
  #wallAheadMs = firstWallTimeMs;
  #order = 0;

  now(): number {
    return this.#nowMs;
  }

  wallTimeMs(): number {
    return this.#nowMs + this.#wallAheadMs;
  }

  /** The wall clock shows `wallTimeMs` now, and goes on from there; timers do not notice. */
  setWallTime(wallTimeMs: number): void {
    this.#wallAheadMs = wallTimeMs - this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    invariant(!Number.isNaN(delayMs), 'a delay is a number of milliseconds');
    const entry: Task = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      run: task,
      cancelled: false,
    };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
      entry.run = nothing; // It may lie in the heap for long, and shall hold nothing meanwhile.
    };
  }

  soon(task: () => void): void {
    this.after(0, task);
  }

  afterIo(task: () => void): void {
    this.after(0, task);
  }

  /** The time of the next task; undefined if there is none. */
  get nextMs(): number | undefined {
    this.#discardCancelled();
    return this.#heap[0]?.atMs;
  }

  /** Runs the next task, and moves the time to it. Returns false if there was none. */
  step(): boolean {
    this.#discardCancelled();
    const task = this.#pop();
    if (!task) return false;
    this.#nowMs = task.atMs;
    task.run();
    return true;
  }

  /**
   * Lets `ms` milliseconds pass and runs every task that is due until then, the end included.
   * @throws {@link LivelockError} after `mostTasks` tasks at one moment.
   */
  advance(ms: number, mostTasks = 1_000_000): void {
    const endMs = this.#nowMs + ms;
    let tasks = 0;
    let atMs = this.#nowMs;
    for (let nextMs = this.nextMs; nextMs !== undefined && nextMs <= endMs; nextMs = this.nextMs) {
      tasks = nextMs === atMs ? tasks + 1 : 1;
      atMs = nextMs;
      if (tasks > mostTasks) throw new LivelockError(atMs, mostTasks);
      this.step();
    }
    this.#nowMs = endMs;
  }

  #discardCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#pop();
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let index = heap.push(task) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(task, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (!left) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
