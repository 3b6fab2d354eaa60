import type { Host } from './host';

/** An answer that somebody waits for. */
export interface Wait {
  readonly timeoutMs: number;
  /** It did not come in time. */
  expire(): void;
  /** The port was closed: nobody waits any more, or nobody will answer. */
  close(): void;
}

/** What waits at one port. */
export interface Waits {
  begin(wait: Wait): void;
  /** Has no effect if it has ended already. */
  end(wait: Wait): void;
  close(): void;
  /** Nobody waits. */
  readonly empty: boolean;
}

/** The waits of a port that was closed: each ends as it begins. */
export const closedWaits: Waits = {
  begin: (wait) => {
    wait.close();
  },
  end: () => undefined,
  close: () => undefined,
  empty: true,
};

/** The waits of an open port. */
export class TimedWaits implements Waits {
  readonly #host: Host;
  readonly #lines = new Map<number, Line>();

  constructor(host: Host) {
    this.#host = host;
  }

  get empty(): boolean {
    return this.#lines.size === 0;
  }

  begin(wait: Wait): void {
    let line = this.#lines.get(wait.timeoutMs);
    if (!line) {
      line = new Line(this.#host, wait.timeoutMs, this.end.bind(this));
      this.#lines.set(wait.timeoutMs, line);
    }
    line.add(wait);
  }

  end(wait: Wait): void {
    const line = this.#lines.get(wait.timeoutMs);
    line?.delete(wait);
    if (line?.empty) this.#lines.delete(wait.timeoutMs);
  }

  close(): void {
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) line.close();
  }
}

/** Waits of one length end in the order in which they began: one timer, for the first, serves all. */
class Line {
  readonly #host: Host;
  readonly #timeoutMs: number;
  readonly #end: (wait: Wait) => void;
  readonly #dueMs = new Map<Wait, number>();
  #cancel: (() => void) | undefined;

  constructor(host: Host, timeoutMs: number, end: (wait: Wait) => void) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#end = end;
  }

  get empty(): boolean {
    return this.#dueMs.size === 0;
  }

  add(wait: Wait): void {
    this.#dueMs.set(wait, this.#host.now() + this.#timeoutMs);
    if (!this.#cancel) this.#arm(this.#timeoutMs);
  }

  delete(wait: Wait): void {
    this.#dueMs.delete(wait);
    if (this.empty) this.#disarm();
  }

  close(): void {
    this.#disarm();
    for (const wait of this.#dueMs.keys()) wait.close();
  }

  #arm(delayMs: number): void {
    this.#cancel = this.#host.after(delayMs, this.#pass.bind(this));
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The time of the first that waited when the timer was set has come; it may be gone. */
  #pass(): void {
    const nowMs = this.#host.now();
    const expired: Wait[] = [];
    let nextMs: number | undefined;
    for (const [wait, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) {
        nextMs = dueMs;
        break;
      }
      expired.push(wait);
    }
    if (nextMs !== undefined) this.#arm(nextMs - nowMs);
    for (const wait of expired) this.#end(wait);
    for (const wait of expired) wait.expire();
  }
}
