import { fork, type ChildProcess } from 'node:child_process';

import { WorkerStartError } from './errors';
import type { Answer, Assignment } from './seed-service';
import { failureOnly, type SeedFailure, type Totals } from './totals';

/** How much of what a worker wrote before it ended is worth reading. */
const lastWordsCharacters = 2_000;

export interface WorkerOptions {
  /** The file of its program, which calls `serveSeeds`. */
  readonly program: string;
  /** What Node is given before the program. */
  readonly execArgv: readonly string[];
  /** How long one seed may take, in real time. */
  readonly seedLimitMs: number;
}

/** What can be heard of a worker. */
type Heard =
  Answer | { readonly type: 'ended'; readonly how: string } | { readonly type: 'silent' };

/** A process that runs seeds, one at a time. What becomes of it is what the seed comes to. */
export class WorkerProcess {
  /** It can be given another seed. */
  alive = true;
  readonly #options: WorkerOptions;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #first: Promise<Heard>;
  #hear: (heard: Heard) => void = () => undefined;
  #lastWords = '';

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { program, execArgv } = options;
    const child = fork(program, {
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#first = this.#next();
    child.on('message', (message) => {
      this.#hear(message as Answer);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-lastWordsCharacters);
    });
    this.#gone = new Promise((resolve) => {
      child.once('exit', () => {
        resolve();
      });
      child.once('error', ({ message }) => {
        this.#end(message);
        resolve();
      });
    });
    // Unlike the exit, this comes after its last words; and only if it was not let go.
    child.once('close', (code, signal) => {
      this.#end(`it ended by ${signal ?? `exit code ${String(code)}`}`);
    });
  }

  /** @throws {@link WorkerStartError} */
  async ready(): Promise<void> {
    const heard = await this.#first;
    if (heard.type === 'ready') return;
    this.#kill();
    const { program } = this.#options;
    throw new WorkerStartError(program, heard.type === 'ended' ? heard.how : 'it is silent');
  }

  /** What the seed comes to. It never rejects: a worker that ends, or is silent too long, is an outcome. */
  async run(assignment: Assignment): Promise<Totals> {
    const { seed } = assignment;
    const failed = (kind: SeedFailure['kind'], what: string): Totals =>
      failureOnly({ seed, kind, what });
    const answer = this.#next();
    this.#child.send(assignment, () => undefined);
    const heard = await answer;
    if (heard.type === 'done') return heard.totals;
    if (heard.type === 'ended') return failed('worker ended', heard.how);
    this.#kill();
    const limit = this.#options.seedLimitMs / 1_000;
    return failed('too slow', `it was not done after ${String(limit)} s`);
  }

  /** Lets it go: it ends by itself. */
  async release(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#gone;
  }

  #end(how: string): void {
    this.alive = false;
    const words = this.#lastWords.trim();
    this.#hear({ type: 'ended', how: words === '' ? how : `${how}: ${words}` });
  }

  #kill(): void {
    this.alive = false;
    this.#child.kill('SIGKILL');
  }

  /** What is heard of it next, or that nothing was for too long. */
  #next(): Promise<Heard> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#hear({ type: 'silent' });
      }, this.#options.seedLimitMs);
      this.#hear = (heard) => {
        clearTimeout(timer);
        this.#hear = () => undefined;
        resolve(heard);
      };
    });
  }
}
