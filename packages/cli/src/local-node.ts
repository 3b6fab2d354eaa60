import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { NodeConfiguration } from '@jbstore/node';

import { NodesLostError, UsageError } from './errors';
import { ExitCode } from './exit-code';
import { wordsOf } from './node-flags';
import { isReport, type Report } from './supervision';

/** A node in a process of its own, which ends when this process does, however this one ends. */
export class LocalNode {
  /** Where it listens; undefined before. */
  address: string | undefined;
  /** Where it serves its figures, if it does and listens. */
  metrics: string | undefined;
  /** It has ended. */
  ended = false;
  /** Resolves with how it ended, in words. */
  readonly exited: Promise<string>;
  /** Resolves when it listens; rejects if it ends before. */
  readonly listening: Promise<string>;
  /** Resolves when it serves requests; rejects if it ends before. */
  readonly ready: Promise<void>;

  readonly #child: ChildProcess;
  #failure: (Report & { readonly type: 'failed' }) | undefined;

  /** @param onLine - gets each line that the node writes */
  constructor(
    readonly name: string,
    settings: Partial<NodeConfiguration>,
    onLine: (line: string) => void,
  ) {
    const program = process.argv[1] ?? '';
    const words = [...process.execArgv, program, 'node', ...wordsOf(settings)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) if (output) linesOf(output, onLine);

    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.ended = true;
        resolve(`could not be started: ${error.message}`);
      });
      child.once('close', (code, signal) => {
        this.ended = true;
        resolve(signal ? `was ended by ${signal}` : `exited with code ${code ?? 0}`);
      });
    });
    this.listening = this.#reported('listening', (found) => {
      this.address = found.address;
      this.metrics = found.metrics;
      return found.address;
    });
    this.ready = this.#reported('ready', () => undefined);
    child.on('message', (message) => {
      if (isReport(message) && message.type === 'failed') this.#failure = message;
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #reported<Type extends Report['type'], Result>(
    type: Type,
    resultOf: (found: Extract<Report, { type: Type }>) => Result,
  ): Promise<Result> {
    const reported = new Promise<Result>((resolve, reject) => {
      this.#child.on('message', (message) => {
        if (isReport(message) && isOfType(message, type)) resolve(resultOf(message));
      });
      void this.exited.then((how) => {
        reject(this.#failureOf(how));
      });
    });
    // Whoever waits for it sees the failure; it is no fault that nobody does any more.
    reported.catch(() => undefined);
    return reported;
  }

  #failureOf(how: string): Error {
    const failure = this.#failure;
    if (!failure) return new NodesLostError(`node ${this.name} ${how} before it was ready`);
    const message = `node ${this.name}: ${failure.message}`;
    return failure.exitCode === ExitCode.usage
      ? new UsageError(message)
      : new NodesLostError(message);
  }
}

function isOfType<Type extends Report['type']>(
  report: Report,
  type: Type,
): report is Extract<Report, { type: Type }> {
  return report.type === type;
}

function linesOf(output: Readable, onLine: (line: string) => void): void {
  createInterface({ input: output }).on('line', onLine);
}
