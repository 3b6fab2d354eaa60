import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CannotDo } from './harness';

/** How long a process may take to end when it is asked to. */
const patienceMs = 3_000;

/** The length of a unit of time in /proc: 100 in a second, on every Linux that Node.js runs on. */
const clockTickMs = 10;

/** As this process: `npm run bench` takes the packages as they are published, a test their sources. */
const onSources = require.resolve('@jbstore/core').endsWith('.ts') ? ['-C', 'source'] : [];

/** Processes that were started to be measured. None outlives this process, unless that is killed. */
export class Servers implements AsyncDisposable {
  readonly #children: ChildProcess[] = [];
  /** Programs of ours, some of which have started servers: they end these when they are told to end. */
  readonly #ours = new Set<ChildProcess>();
  readonly #directories: string[] = [];
  readonly #kill = (): void => {
    for (const child of this.#children) child.kill('SIGKILL');
  };
  readonly #leave = (): void => {
    for (const child of this.#children) child.kill(this.#ours.has(child) ? 'SIGTERM' : 'SIGKILL');
    this.#removeDirectories();
  };
  readonly #interrupt = (signal: NodeJS.Signals): void => {
    // Leaving by exit() kills the children; the code is that of a process which the signal ended.
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };

  constructor() {
    process.once('exit', this.#leave);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.#interrupt);
  }

  /**
   * Starts a program of ours, which ends when the channel to this process is closed.
   * @param file - in this folder
   * @param options - of Node.js
   */
  fork(file: string, words: readonly string[] = [], options: readonly string[] = []): ChildProcess {
    const child = fork(join(__dirname, file), words, {
      execArgv: [...onSources, '-r', 'ts-node/register', ...options],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#children.push(child);
    this.#ours.add(child);
    return child;
  }

  /** A program that is installed here. Resolves with its process id when it runs. */
  async start(program: string, words: readonly string[]): Promise<number> {
    const child = spawn(program, words, { stdio: 'ignore' });
    this.#children.push(child);
    await once(child, 'spawn');
    return child.pid ?? 0;
  }

  /** A new directory, in memory where there is one, for files that a server writes nevertheless. */
  scratchDirectory(): string {
    const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const directory = mkdtempSync(join(parent, 'jbstore-benchmark-'));
    this.#directories.push(directory);
    return directory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const impatience = setTimeout(this.#kill, patienceMs);
    await Promise.all(
      this.#children.filter(isRunning).map(async (child) => {
        const ended = once(child, 'exit');
        // One that listens to this process ends with the channel, which it is told; others by a signal.
        if (child.connected) child.disconnect();
        else child.kill('SIGTERM');
        await ended;
      }),
    );
    clearTimeout(impatience);
    this.#removeDirectories();
    process.off('exit', this.#leave);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#interrupt);
  }

  #removeDirectories(): void {
    // A server that was just killed may still write for a moment.
    const options = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 };
    for (const directory of this.#directories) rmSync(directory, options);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** The time that the processes `pids` have spent on a processor; undefined where no /proc tells it. */
export async function cpuTimeMs(pids: readonly number[]): Promise<number | undefined> {
  try {
    const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8')));
    // The name of the program, which may hold blanks, ends with the last bracket.
    const ticks = stats.map((stat) => {
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    });
    return ticks.reduce((sum, each) => sum + each, 0) * clockTickMs;
  } catch {
    return undefined;
  }
}

/** @throws {@link CannotDo} if there is no `program` here, with the Debian package that holds it */
export function requireProgram(program: string, debianPackage: string): void {
  const { error, status } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error) {
    throw new CannotDo(`there is no ${program} here (Debian: apt-get install ${debianPackage})`);
  }
  if (status !== 0) throw new CannotDo(`${program} --version exits with ${status}`);
}

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound ? bound.port : 0;
}
