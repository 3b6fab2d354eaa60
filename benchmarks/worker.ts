import { type ChildProcess } from 'node:child_process';

import { CannotDo } from './harness';
import type { Servers } from './servers';
import type { Failure, Success } from './worker-process';

export interface Program {
  /** The file that serves the subject. */
  readonly file: string;
  readonly words?: readonly string[];
  /** Of Node.js. */
  readonly options?: readonly string[];
}

/** A process that measures one subject, and knows no other. */
export class Worker<Task extends object, Result> {
  readonly #subject: string;
  readonly #child: ChildProcess;
  /** Rejects as {@link do} does. */
  readonly begun: Promise<unknown>;

  constructor(servers: Servers, subject: string, { file, words = [], options = [] }: Program) {
    this.#subject = subject;
    this.#child = servers.fork(file, words, options);
    this.begun = this.#answer();
  }

  /** @throws {@link CannotDo} if the subject is not able to */
  async do(task: Task): Promise<Result> {
    const answer = this.#answer();
    this.#child.send(task);
    const done = await answer;
    if (done.type !== 'done') throw new Error(`${this.#subject} answers no task`);
    return done.result;
  }

  #answer(): Promise<Success<Result>> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => {
        reject(new Error(`${this.#subject} ended: ${signal ?? `exit code ${String(code)}`}`));
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        const answer = message as Failure | Success<Result>;
        if (answer.type === 'cannot') reject(new CannotDo(answer.reason));
        else if (answer.type === 'failed') reject(new Error(`${this.#subject}: ${answer.reason}`));
        else resolve(answer);
      });
    });
  }
}
