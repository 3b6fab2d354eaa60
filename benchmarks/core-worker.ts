import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { CoreAnswer, CoreTask } from './core-process';
import { CannotDo } from './harness';
import type { Servers } from './servers';

/**
 * Some peers call from one component straight into the next: a ring of 1000 takes XState more than the
 * megabyte that Node gives a stack. The system's own limit is mostly eight.
 */
const stackKibibytes = 4_000;

/** A process that measures one subject, and knows no other. */
export class CoreWorker {
  readonly #subject: string;
  readonly #child: ChildProcess;
  readonly loaded: Promise<unknown>;

  /** @param program - the file that serves the subject */
  constructor(servers: Servers, subject: string, program: string) {
    this.#subject = subject;
    this.#child = fork(join(__dirname, program), {
      execArgv: [...process.execArgv, '--expose-gc', `--stack-size=${stackKibibytes}`],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    servers.add(this.#child);
    this.loaded = this.#answer();
  }

  /** @throws {@link CannotDo} if the subject is not able to */
  do(task: CoreTask): Promise<number> {
    const answer = this.#answer();
    this.#child.send(task);
    return answer;
  }

  #answer(): Promise<number> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => {
        reject(new Error(`${this.#subject} ended: ${signal ?? `exit code ${String(code)}`}`));
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        const answer = message as CoreAnswer;
        if (answer.type === 'done') resolve(answer.figure);
        else if (answer.type === 'cannot') reject(new CannotDo(answer.reason));
        else reject(new Error(`${this.#subject}: ${answer.reason}`));
      });
    });
  }
}
