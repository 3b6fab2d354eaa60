/** Something to be done at a moment of the time that passes for all. */
export interface Task {
  atMs: number;
  /** Tells tasks of one moment apart: the first made is the first done. */
  readonly order: number;
  /** When it is due by the clock of its process, if that clock counts. */
  readonly dueMs: number | undefined;
  run: () => void;
  cancelled: boolean;
}

/** Tasks by time, then in the order in which they were made. */
export class TaskHeap {
  readonly #heap: Task[] = [];

  /** Those that were cancelled may count until their time comes. */
  get size(): number {
    return this.#heap.length;
  }

  /** The first task, without those that were cancelled. */
  get first(): Task | undefined {
    while (this.#heap[0]?.cancelled) this.pop();
    return this.#heap[0];
  }

  push(task: Task): void {
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

  pop(): Task | undefined {
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

  /** Sets the moment of every task anew. */
  retime(atMs: (task: Task) => number): void {
    const tasks = this.#heap.splice(0);
    for (const task of tasks) task.atMs = atMs(task);
    for (const task of tasks) this.push(task);
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
