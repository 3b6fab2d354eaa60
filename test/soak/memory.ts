/** What the heap may grow by beside noise. */
const marginBytes = 4 * 2 ** 20;

/** How much lives on the heap, now and then. */
export class Memory {
  readonly #samples: number[] = [];
  readonly #read: (() => number) | undefined;

  /** @param read - how many bytes live; by default nobody knows who cannot collect what does not */
  constructor(read = globalThis.gc && liveBytes) {
    this.#read = read;
  }

  sample(): void {
    if (this.#read) this.#samples.push(this.#read());
  }

  /** Undefined if too little is known. */
  get figures(): MemoryFigures | undefined {
    // The first tenth warms up: code is compiled, rings and maps grow to their size.
    const samples = this.#samples.slice(Math.ceil(this.#samples.length / 10));
    const half = Math.ceil(samples.length / 2);
    const [first, second] = [samples.slice(0, half), samples.slice(half)];
    if (second.length === 0) return undefined;
    return {
      leastBytes: Math.min(...samples),
      mostBytes: Math.max(...samples),
      firstHalfBytes: Math.max(...first),
      secondHalfBytes: Math.max(...second),
      flat: Math.max(...second) <= Math.max(...first) + marginBytes,
    };
  }
}

export interface MemoryFigures {
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** The most of the first half of the run, and of the second. */
  readonly firstHalfBytes: number;
  readonly secondHalfBytes: number;
  readonly flat: boolean;
}

function liveBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
