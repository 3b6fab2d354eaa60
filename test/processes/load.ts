import type { Store } from '@jbstore/client';

/** How one request of a {@link Load} went. Times are of `performance.now()`. */
export interface Request {
  readonly kind: 'get' | 'put';
  readonly startMs: number;
  readonly endMs: number;
  /** The code of the error that it was rejected with. */
  readonly error: string | undefined;
}

/**
 * Many writers, each of a key of its own, to which it puts 1, 2, 3, …; between two puts it gets what is
 * there. So what a get may return is known exactly: at least the last value whose put was answered, at most
 * the last that was put.
 */
export class Load {
  readonly requests: Request[] = [];
  /** Gets that returned what they must not. */
  readonly violations: string[] = [];
  readonly #store: Store;
  readonly #timeoutMs: number;
  readonly #acknowledged: number[];
  readonly #attempted: number[];
  #stopped = false;
  #writers: Promise<unknown> | undefined;

  constructor(store: Store, writers: number, timeoutMs: number) {
    this.#store = store;
    this.#timeoutMs = timeoutMs;
    this.#acknowledged = Array.from({ length: writers }, () => 0);
    this.#attempted = Array.from({ length: writers }, () => 0);
  }

  start(): void {
    this.#writers = Promise.all(this.#acknowledged.map((_, writer) => this.#write(writer)));
  }

  /** Resolves when every request has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writers;
  }

  /** Reads every key once more: whatever was acknowledged must still be there. */
  async check(): Promise<void> {
    await Promise.all(this.#acknowledged.map((_, writer) => this.#get(writer)));
  }

  of(kind: Request['kind']): readonly Request[] {
    return this.requests.filter((request) => request.kind === kind);
  }

  get rejected(): readonly Request[] {
    return this.requests.filter(({ error }) => error !== undefined);
  }

  async #write(writer: number): Promise<void> {
    while (!this.#stopped) {
      await this.#put(writer);
      await this.#get(writer);
    }
  }

  async #put(writer: number): Promise<void> {
    const value = (this.#attempted[writer] ?? 0) + 1;
    this.#attempted[writer] = value;
    const timeoutMs = this.#timeoutMs;
    const error = await this.#measured('put', () =>
      this.#store.put(`load/${writer}`, `${value}`, { timeoutMs }),
    );
    if (error === undefined) this.#acknowledged[writer] = value;
  }

  async #get(writer: number): Promise<void> {
    const least = this.#acknowledged[writer] ?? 0;
    const timeoutMs = this.#timeoutMs;
    let found: string | undefined;
    const error = await this.#measured('get', async () => {
      found = await this.#store.getText(`load/${writer}`, { timeoutMs });
    });
    const value = Number(found ?? 0);
    const most = this.#attempted[writer] ?? 0;
    if (error === undefined && (value < least || value > most)) {
      this.violations.push(`load/${writer} is ${value}, and not from ${least} to ${most}`);
    }
  }

  async #measured(
    kind: Request['kind'],
    perform: () => Promise<void>,
  ): Promise<string | undefined> {
    const startMs = performance.now();
    const error = await perform().then(
      () => undefined,
      (reason: unknown) => codeOf(reason),
    );
    this.requests.push({ kind, startMs, endMs: performance.now(), error });
    return error;
  }
}

function codeOf(reason: unknown): string {
  const coded = typeof reason === 'object' && reason !== null && 'code' in reason;
  return coded ? String(reason.code) : String(reason);
}
